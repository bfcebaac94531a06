using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Tests.Shards;

namespace ChangeDetection.Datasets.Tests.Layouts;

/// <summary>Every layout that is built in packs its data set in the folders and values that it is published with.</summary>
public sealed class BuiltInLayoutTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public static TheoryData<string> Names => [.. DatasetLayouts.All.Select(layout => layout.Name)];

    public void Dispose() => _source.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Pack_ThePublishedShape_HasItsSplitsSamplesAndChange(string layout)
    {
        var shape = PublishedShapes.All[layout];
        shape.Write(_source);
        var report = await _source.PackAsync(
            layout, layout == "oscd" ? PackEncoding.Raw : PackEncoding.Png, splits: shape.Splits);
        Assert.Empty(report.Unmatched);
        Assert.Equal(shape.Samples.Keys.Order(StringComparer.Ordinal), report.Manifest.Splits.Keys);
        foreach (var (split, keys) in shape.Samples)
        {
            Assert.Equal(keys, (await _source.MasksAsync(split)).Keys.Order(StringComparer.Ordinal));
            Assert.Equal(shape.Change, report.Manifest.Splits[split].ChangeFraction, 6);
        }
        Assert.Equal(layout, report.Manifest.Provenance.Layout);
    }

    [Fact]
    public async Task Pack_XbdDamage_KeepsItsGradesApart()
    {
        PublishedShapes.All["xbd-damage"].Write(_source);
        var manifest = (await _source.PackAsync("xbd-damage")).Manifest;
        Assert.Equal(["none", "no-damage", "minor-damage", "major-damage", "destroyed"], manifest.Classes!.Select(one => one.Name));
        Assert.Equal("layout", manifest.Mask!.RuleFrom);
    }

    [Fact]
    public async Task Pack_HiUcd_LeavesUnlabelledPixelsOut_AndTakesAnotherBandOnRequest()
    {
        PublishedShapes.All["hi-ucd"].Write(_source);
        var manifest = (await _source.PackAsync("hi-ucd")).Manifest;
        Assert.Equal((64, "2", "0", 3), (manifest.Splits["train"].IgnoredPixels, manifest.Mask!.Change, manifest.Mask.Ignore, manifest.Mask.Band!.Value));
        Directory.Delete(_source.Destination, recursive: true);
        var asked = new PackOptions { Tool = "tests", Masks = Datasets.Masks.MaskOptions.Parse("> 8", [], null, 2) };
        var message = await Assert.ThrowsAsync<DatasetSourceException>(() => _source.PackAsync(asked, "hi-ucd"));
        Assert.Contains("--mask-change '> 8' is every value", message.Message);
    }

    [Fact]
    public async Task Pack_Pairs_AreUnlabelledAndNotToBeTrainedOn()
    {
        PublishedShapes.All["pairs"].Write(_source);
        var report = await _source.PackAsync("pairs");
        Assert.Equal(
            "the split 'test' has no masks: all of its pixels are unlabelled, to be predicted on and not to be measured by", Assert.Single(report.Warnings));
        Assert.Null(report.Manifest.Mask);
        Assert.Equal(2 * 16 * 16, report.Manifest.Splits["test"].IgnoredPixels);
        Assert.All((await _source.MasksAsync("test")).Values, mask => Assert.All(mask.Bytes.ToArray(), value => Assert.Equal(255, value)));
        Directory.Delete(_source.Destination, recursive: true);
        Assert.Contains("The split 'train' has no masks", await _source.RefusedAsync<DatasetSourceException>("pairs", splits: "train=*"));
    }

    /// <summary>Pairs without masks are cut, cropped and read by rows as others are.</summary>
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(100)]
    public async Task Pack_PairsInTiles_AreUnlabelledToo(long wholeBytes)
    {
        _source.Write("A/x1.png", PatternImages.Rgb(40, 20, seed: 1));
        _source.Write("B/x1.png", PatternImages.Rgb(40, 20, seed: 2));
        var options = new PackOptions
        {
            Tool = "tests", Tiling = Tiling.Create(16, null), WholeBytes = wholeBytes, Splits = [SplitRule.Parse("all=x1@0,0,32,16")],
        };
        Assert.Equal(2, (await _source.PackAsync(options, "pairs")).Manifest.Splits["all"].Samples);
        Assert.All((await _source.MasksAsync("all")).Values, mask => Assert.All(mask.Bytes.ToArray(), value => Assert.Equal(255, value)));
        var verified = await new Datasets.Verification.DatasetVerifier(
            await Datasets.Shards.ShardDataset.OpenAsync(_source.Store, CancellationToken.None), deep: true)
            .VerifyAsync(null, CancellationToken.None);
        Assert.Empty(verified.Damages);
    }

    [Fact]
    public async Task Pack_ValuesThatALayoutDoesNotKnow_AreAskedFor()
    {
        PublishedShapes.All["second"].Write(_source);
        _source.Write("train/label1/00003.png", PatternImages.Grey(16, 16, 0, 1));
        _source.Write("test/label1/00013.png", PatternImages.Grey(16, 16, 0, 1));
        var message = await _source.RefusedAsync<DatasetSourceException>("second");
        Assert.Contains("by the layout, which is none of the values that the masks hold", message);
        Assert.Contains("Say what they mean: --mask-change", message);
    }

    [Fact]
    public async Task Pack_AnOptionOfTheMasks_StandsAboveTheLayout()
    {
        PublishedShapes.All["xbd-damage"].Write(_source);
        var options = new PackOptions { Tool = "tests", Masks = Datasets.Masks.MaskOptions.Parse("2-4", [], null, null) };
        var manifest = (await _source.PackAsync(options, "xbd-damage")).Manifest;
        Assert.Null(manifest.Classes);
        Assert.Equal(("2-4", "option", 0.375), (manifest.Mask!.Change, manifest.Mask.RuleFrom, manifest.Splits["val"].ChangeFraction));
    }

    /// <summary>A reader of a document has to learn whose data set it is, and from where its folders and values are known.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Document_SaysWhoseDataSetItIs(string layout)
    {
        Assert.NotNull(DatasetLayouts.About(layout));
        Assert.StartsWith("#", DatasetLayouts.TextOfDocument(layout));
        Assert.All(DatasetLayouts.TextOfDocument(layout).Split('\n'), line => Assert.InRange(line.Length, 0, 160));
    }

    [Fact]
    public async Task OwnFile_IsTakenByItsPath()
    {
        Directory.CreateDirectory(_source.Source);
        var mine = Path.Combine(_source.Source, "..", "mine.yml");
        await File.WriteAllTextAsync(
            mine, "before: \"{place}/{name}_t1.{image}\"\nafter: \"{place}/{name}_t2.{image}\"\nmask: \"masks/{place}-{name}.{image}\"\nsplit: train\n",
            TestContext.Current.CancellationToken);
        foreach (var (path, seed) in new[] { ("riga/1_t1.png", 1), ("riga/1_t2.tif", 2) })
            _source.Write(path, PatternImages.Rgb(seed: seed));
        _source.Write("masks/riga-1.png", PatternImages.Grey(16, 16, 0, 255));
        var report = await _source.PackAsync(mine);
        Assert.Equal(["riga_1"], (await _source.MasksAsync("train")).Keys);
        Assert.Equal("mine", report.Manifest.Provenance.Layout);
        Assert.Equal("riga", Assert.Single(DatasetLayouts.Find(mine).List(_source.Source)).Values["place"]);
        Assert.Contains("does not exist", Assert.Throws<ConfigurationException>(() => DatasetLayouts.Find("./none.yaml")).Message);
    }
}
