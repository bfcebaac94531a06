using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Codecs;

namespace ChangeDetection.Datasets.Tests.Indexing;

/// <summary>Masks of tars that another program wrote are counted by the rule that they are read by.</summary>
public sealed class IndexedMaskTests : IDisposable
{
    private readonly ForeignTars _tars = new();

    public void Dispose() => _tars.Dispose();

    /// <summary>A mask with a grey palette means its greys beside masks that have none, and its indices where all have one.</summary>
    [Theory]
    [InlineData(true, "", "number", 0.375)]
    [InlineData(true, "none=0;changed=255", "number", 0.375)]
    [InlineData(false, "", "index", 0.5)]
    [InlineData(false, "none=0;changed=1", "index", 0.5)]
    public async Task Index_MasksWithAGreyPalette_AreCountedAsTheyWillBeRead(bool mixed, string classes, string unit, double changed)
    {
        var other = mixed ? PngEncoder.Encode(PatternImages.Grey(16, 16, 0, 0, 0, 255)) : ForeignTars.PaletteMask(0, 255);
        _tars.Write("train-0.tar", [.. Labelled("a", ForeignTars.PaletteMask(0, 255)), .. Labelled("b", other)]);
        var rules = classes.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(ClassRule.Parse).ToList();
        var manifest = (await _tars.IndexAsync(masks: MaskOptions.Parse(null, rules, null, null))).Manifest;
        var train = manifest.Splits["train"];
        Assert.Equal((unit, changed, changed), (manifest.Mask!.Unit, train.ChangeFraction, train.Shards[0].ChangeFraction));
        Assert.Equal(rules.Count == 0 ? null : [1 - changed, changed], train.ClassFractions);
        Assert.True((await new DatasetVerifier(await OpenAsync(), deep: true).VerifyAsync(null, CancellationToken.None)).IsSound);
    }

    [Fact]
    public async Task Index_ThreeClassesAndASplitWithoutMasks_HasASharePerClassInBoth()
    {
        _tars.Write("train-0.tar", Labelled("a", PngEncoder.Encode(PatternImages.Grey(16, 16, 0, 1, 2, 2)))).Write("test-0.tar", ForeignTars.Sample("b")[..2]);
        var classes = new[] { "none=0", "building=1", "water=2" }.Select(ClassRule.Parse).ToList();
        await _tars.IndexAsync(masks: MaskOptions.Parse(null, classes, null, null));
        var splits = (await OpenAsync()).Manifest.Splits;
        Assert.Equal([0.25, 0.25, 0.5], splits["train"].ClassFractions!);
        Assert.Equal([1, 0, 0], splits["test"].ClassFractions!);
    }

    /// <summary>Index 1 is black: the values say one thing, and what the eye sees another.</summary>
    [Fact]
    public async Task Index_APaletteThatShowsIndexZeroWhite_IsAskedAbout()
    {
        _tars.Write("train-0.tar", Labelled("a", ForeignTars.PaletteMask(255, 0)));
        Assert.Contains("1 is #000000", await _tars.RefusedAsync<DatasetSourceException>());
    }

    private Task<ShardDataset> OpenAsync() => ShardDataset.OpenAsync(_tars.Store, CancellationToken.None);

    private static (string, byte[])[] Labelled(string key, byte[] mask) => [.. ForeignTars.Sample(key)[..2], ($"{key}.mask.png", mask)];
}
