using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Pixels;
using NetVips;

namespace ChangeDetection.Datasets.Tests.Masks;

/// <summary>Masks as they are found in real data sets: read right, or questioned, and never guessed.</summary>
public sealed class MaskTrapTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData(new byte[] { 0, 255 }, 0.5)]
    [InlineData(new byte[] { 0, 1 }, 0.5)]
    [InlineData(new byte[] { 0, 0, 0, 255 }, 0.25)]
    public async Task Pack_ValuesThatCannotBeMisread_BecomeZeroAndOne(byte[] values, double fraction)
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, values));
        var manifest = (await _source.PackAsync()).Manifest;
        Assert.Equal((fraction, "values"), (manifest.Splits["train"].ChangeFraction, manifest.Mask!.RuleFrom));
        var mask = (await _source.MasksAsync("train"))["a"];
        Assert.Equal(new ImageShape(16, 16, 1, PixelType.UInt8), mask.Shape);
        Assert.Equal<byte>([0, 1], mask.Bytes.ToArray().Distinct().Order());
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 2 })]
    [InlineData(new byte[] { 0, 1, 255 })]
    [InlineData(new byte[] { 1, 2 })]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 255 })]
    [InlineData(new byte[] { 0, 213, 255 })]
    [InlineData(new byte[] { 0, 2 })]
    public async Task Pack_ValuesThatCouldMeanSeveralThings_StopWithThemAndTheOptions(byte[] values)
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, values));
        var message = await _source.RefusedAsync<DatasetSourceException>();
        foreach (var value in values.Distinct())
            Assert.Contains(FormattableString.Invariant($"{value} ("), message);
        Assert.Contains("the first train/label/a.png", message);
        Assert.Contains("--mask-change", message);
        Assert.Contains("--class", message);
        Assert.Contains("--mask-ignore", message);
    }

    [Fact]
    public async Task Pack_OneRuleForAllMasks_IsAskedForWhereTheyDiffer()
    {
        // By itself each could be read, and differently.
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1, 2)).AddSysu("train", "b", PatternImages.Grey(16, 16, 1, 2));
        Assert.Contains("1 (", await _source.RefusedAsync<DatasetSourceException>());
        var packed = await _source.PackAsync(new PackOptions { Tool = "tests", Masks = MaskOptions.Parse("2", [], "0", null) });
        var train = packed.Manifest.Splits["train"];
        Assert.Equal((85 + 128) / (85.0 + 85 + 256), train.ChangeFraction, 12);
        Assert.Equal(86, train.IgnoredPixels);
    }

    [Fact]
    public async Task Pack_MasksAsPaletteRgbaOrOneBit_AreReadAlike()
    {
        using var grey = Image.NewFromMemoryCopy<byte>(
            [.. Enumerable.Range(0, 256).Select(at => at % 4 == 0 ? (byte)255 : (byte)0)], 16, 16, 1, Enums.BandFormat.Uchar);
        using var rgb = grey.Bandjoin(grey, grey).Copy(interpretation: Enums.Interpretation.Srgb);
        // Opaque where nothing changed: the alpha channel is not the mask.
        using var rgba = rgb.Bandjoin(grey.Invert());
        _source.AddSysu("train", "palette").Write("train/label/palette.png", rgb.PngsaveBuffer(palette: true));
        _source.AddSysu("train", "rgba").Write("train/label/rgba.png", rgba.PngsaveBuffer());
        _source.AddSysu("train", "onebit").Write("train/label/onebit.png", grey.Copy(interpretation: Enums.Interpretation.Bw).PngsaveBuffer(bitdepth: 1));
        await _source.PackAsync();
        var masks = await _source.MasksAsync("train");
        Assert.Equal(3, masks.Count);
        Assert.All(masks, mask => Assert.Equal(Enumerable.Range(0, 256).Select(at => at % 4 == 0 ? (byte)1 : (byte)0), mask.Value.Bytes.ToArray()));
    }

    [Fact]
    public async Task Pack_AnAllZeroMaskAmongOthers_IsASampleWithoutChange()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b", PatternImages.Grey(16, 16, 0));
        Assert.Equal(0.25, (await _source.PackAsync()).Manifest.Splits["train"].ChangeFraction);
    }

    [Theory]
    [InlineData(0, "'train' has not one changed pixel")]
    [InlineData(255, "In the split 'train' every pixel")]
    public async Task Pack_ATrainingSplitOfOneClass_IsRefusedNamingAMask(byte value, string told)
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, value)).AddSysu("val", "b");
        var message = await _source.RefusedAsync<DatasetSourceException>();
        Assert.Contains(told, message);
        Assert.Contains("train/label/a.png", message);
    }

    [Theory]
    [InlineData(0, "'test' has not one changed pixel")]
    [InlineData(255, "In the split 'test' every pixel")]
    public async Task Pack_ATestSplitOfOneClass_IsAWarning(byte value, string told)
    {
        _source.AddSysu("train", "a").AddSysu("test", "b", PatternImages.Grey(16, 16, value));
        Assert.Contains(told, Assert.Single((await _source.PackAsync()).Warnings));
    }

    [Fact]
    public async Task Pack_ASplitOfNearlyAllChange_IsQuestioned()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, [0, .. Enumerable.Repeat((byte)255, 15)]));
        Assert.Contains("93.8 % of the pixels", Assert.Single((await _source.PackAsync()).Warnings));
    }
}
