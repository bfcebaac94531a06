using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Pixels;
using NetVips;

namespace ChangeDetection.Datasets.Tests.Packing;

/// <summary>Masks as they are found in real data sets.</summary>
public sealed class MaskTrapTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData(new byte[] { 0, 255 }, 0.5)]
    [InlineData(new byte[] { 0, 1 }, 0.5)]
    [InlineData(new byte[] { 1, 1, 1, 2 }, 0.25)]
    [InlineData(new byte[] { 0, 0, 0, 255, 0, 0, 0, 1 }, 0.125)]
    public async Task Pack_AnyTwoValues_BecomeZeroAnd255(byte[] values, double fraction)
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, values));
        Assert.Equal(fraction, (await _source.PackAsync()).Manifest.Splits["train"].ChangeFraction);
        var mask = (await _source.MasksAsync("train"))["a"];
        Assert.Equal(new ImageShape(16, 16, 1, PixelType.UInt8), mask.Shape);
        Assert.Equal<byte>([0, 255], mask.Bytes.ToArray().Distinct().Order());
    }

    [Fact]
    public async Task Pack_StrayGreys_AreDecidedByHalfAndReported()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, [255, 213, 100, .. new byte[253]]));
        var report = await _source.PackAsync();
        Assert.Equal(2 / 256.0, report.Manifest.Splits["train"].ChangeFraction);
        Assert.Equal("train/label/a.png has 2 pixels of a stray grey; those above 127 count as change", Assert.Single(report.Warnings));
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
        Assert.All(masks, mask => Assert.Equal(Enumerable.Range(0, 256).Select(at => at % 4 == 0 ? (byte)255 : (byte)0), mask.Value.Bytes.ToArray()));
    }

    [Fact]
    public async Task Pack_AnAllZeroMaskAmongOthers_IsASampleWithoutChange()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b", PatternImages.Grey(16, 16, 0));
        Assert.Equal(0.25, (await _source.PackAsync()).Manifest.Splits["train"].ChangeFraction);
    }

    [Fact]
    public async Task Pack_ATrainingSplitWithoutChange_IsRefusedNamingAMask()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0)).AddSysu("val", "b");
        var message = await _source.RefusedAsync<DatasetSourceException>();
        Assert.Contains("'train' has not one changed pixel", message);
        Assert.Contains("train/label/a.png", message);
    }

    [Fact]
    public async Task Pack_ATestSplitWithoutChange_IsAWarning()
    {
        _source.AddSysu("train", "a").AddSysu("test", "b", PatternImages.Grey(16, 16, 0));
        Assert.Contains("'test' has not one changed pixel", Assert.Single((await _source.PackAsync()).Warnings));
    }

    [Theory]
    [InlineData(new byte[] { 0, 1 }, 0.75)]
    [InlineData(new byte[] { 1, 2 }, 0.25)]
    public async Task Pack_AMaskOfOnes_MeansWhatTheOtherMasksShow(byte[] other, double fraction)
    {
        _source.AddSysu("train", "ones", PatternImages.Grey(16, 16, 1)).AddSysu("train", "other", PatternImages.Grey(16, 16, other));
        Assert.Equal(fraction, (await _source.PackAsync()).Manifest.Splits["train"].ChangeFraction);
    }

    [Fact]
    public async Task Pack_OnlyMasksOfOnes_AreRefusedAsAmbiguous()
    {
        _source.AddSysu("train", "ones", PatternImages.Grey(16, 16, 1));
        Assert.Contains("train/label/ones.png holds nothing but 1", await _source.RefusedAsync<DatasetSourceException>());
    }
}
