using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Datasets.Tests.Packing;

/// <summary>Pixels that are none, said in five ways: one data set comes of all.</summary>
public sealed class NoDataPackTests : IDisposable
{
    private const int Width = 24, Height = 20, Top = 8, Bands = 2;
    private const float Nothing = -9999;

    private readonly SourceFixture _source = new();

    public static TheoryData<string> Ways => ["tag", "nan", "alpha", "internal", "option"];

    public void Dispose() => _source.Dispose();

    [Theory, MemberData(nameof(Ways))]
    public async Task Pack_MissingPixels_AreTheSameHoweverTheyAreSaid(string way)
    {
        var manifest = await PackAsync(way, tiling: null);
        var expected = await PackAsync("tag", tiling: null);
        Assert.Equal(expected with { Sha256 = null, Statistics = null!, Splits = null!, Mask = null, Ranges = null, Provenance = null! },
            manifest with { Sha256 = null, Statistics = null!, Splits = null!, Mask = null, Ranges = null, Provenance = null! });
        Assert.Equal(expected.Splits["train"].Shards[0].Sha256, manifest.Splits["train"].Shards[0].Sha256);
        Assert.Equal(Top * Width, manifest.Splits["train"].InvalidPixels);
        Assert.Equal(Top * Width, manifest.Splits["train"].IgnoredPixels);
    }

    [Fact]
    public async Task Pack_MissingPixels_LeaveTheFiguresOfThePartThatIsThere()
    {
        var manifest = await PackAsync("tag", tiling: null);
        var cropped = await PackAsync("crop", tiling: null, FormattableString.Invariant($"train=train/a@0,{Top},{Width},{Height - Top}"));
        Assert.Equal(cropped.Statistics.Mean, manifest.Statistics.Mean);
        Assert.Equal(cropped.Statistics.Deviation, manifest.Statistics.Deviation);
        Assert.Equal(cropped.Ranges, manifest.Ranges!);
        Assert.Equal(cropped.Splits["train"].ChangeFraction, manifest.Splits["train"].ChangeFraction);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task Pack_MissingPixelsByRows_GiveTheSameTiles(string way)
    {
        var whole = await PackAsync(way, Tiling.Create(16, 5));
        var byRows = await PackAsync(way, Tiling.Create(16, 5), wholeBytes: 0);
        Assert.Equal(whole.Splits["train"].Shards[0].Sha256, byRows.Splits["train"].Shards[0].Sha256);
        Assert.True(whole.Splits["train"].InvalidPixels > 0);
    }

    [Fact]
    public async Task Pack_MissingPixels_AreZeroInBothDatesAndMarked()
    {
        await PackAsync("nan", tiling: null);
        var valid = (await _source.ImagesAsync("train", SampleFields.Valid))["a"].Bytes.ToArray();
        Assert.Equal(Enumerable.Range(0, Width * Height).Select(at => at < Top * Width ? (byte)0 : (byte)255), valid);
        Assert.All((await _source.MasksAsync("train"))["a"].Bytes[..(Top * Width)].ToArray(), label => Assert.Equal(MaskReader.Ignored, label));
        foreach (var role in (string[])[SampleFields.Before, SampleFields.After])
            Assert.Equal(-1, (await _source.ImagesAsync("train", role))["a"].Bytes[..(Top * Width * Bands * sizeof(float))].IndexOfAnyExcept((byte)0));
        var dataset = await ShardDataset.OpenAsync(_source.Store, CancellationToken.None);
        Assert.Empty((await new DatasetVerifier(dataset, deep: true).VerifyAsync(null, CancellationToken.None)).Damages);
    }

    [Fact]
    public async Task Pack_AlphaThatMayBeNearInfrared_IsAskedAbout()
    {
        WritePair("infrared");
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => _source.PackAsync(Options(null)));
        Assert.Contains("--alpha drop", error.Message, StringComparison.Ordinal);
        Assert.Contains("train/time1/a.tif", error.Message, StringComparison.Ordinal);
        var kept = await _source.PackAsync(Options(null) with { NoData = new NoDataRule(Alpha: AlphaUse.Band) });
        Assert.Equal(Bands + 1, kept.Manifest.Channels);
    }

    [Theory, InlineData("nd9999"), InlineData("nan")]
    public async Task Pack_ReportedSources_LeaveMissingPixelsOut(string folder)
    {
        var source = Repository.SharedOrSkip($"cases/train-nodata/{folder}");
        var packer = new DatasetPacker(DatasetLayouts.Find("ab-label"), Options(null));
        var manifest = (await packer.PackAsync(source, new FileObjectStore(_source.Destination), null, CancellationToken.None)).Manifest;
        Assert.Equal(8 * 64, manifest.Splits["train"].InvalidPixels);
        Assert.All(manifest.Statistics.Mean, mean => Assert.InRange(mean, 0, 255));
        Assert.All(manifest.Ranges!, range => Assert.True(range.Minimum >= 0));
    }

    private async Task<DatasetManifest> PackAsync(string way, Tiling? tiling, string? split = null, long? wholeBytes = null)
    {
        WritePair(way);
        if (Directory.Exists(_source.Destination))
            Directory.Delete(_source.Destination, recursive: true);
        var options = Options(tiling) with
        {
            NoData = new NoDataRule(way == "option" ? Nothing : null),
            Splits = split is null ? [] : [SplitRule.Parse(split)],
        };
        return (await _source.PackAsync(wholeBytes is { } bytes ? options with { WholeBytes = bytes } : options)).Manifest;
    }

    private static PackOptions Options(Tiling? tiling) => new() { Tool = "tests", Encoding = PackEncoding.Raw, Tiling = tiling };

    /// <summary>The first rows of the first date are none; the second date is whole.</summary>
    private void WritePair(string way)
    {
        _source.Write("train/time1/a.tif", Image(way, seed: 1, hasHole: way != "crop").Write());
        _source.Write("train/time2/a.tif", Image(way is "alpha" or "infrared" ? way : "whole", seed: 2, hasHole: false).Write());
        _source.Write("train/label/a.png", PatternImages.Make(new(Width, Height, 1, PixelType.UInt8), at => at % 7 == 0 ? (byte)1 : (byte)0));
    }

    private static TiffImage Image(string way, int seed, bool hasHole)
    {
        var hasAlpha = way is "alpha" or "infrared";
        var samples = Bands + (hasAlpha ? 1 : 0);
        var values = Enumerable.Range(0, Width * Height * samples).Select(at =>
        {
            var (pixel, band) = (at / samples, at % samples);
            var isHole = hasHole && pixel < Top * Width;
            var value = band == Bands ? (way == "infrared" ? pixel % 5 : isHole ? 0 : 1)
                : !isHole ? (pixel * 31 + band * 17 + seed * 101) % 997 / 4f
                : way switch { "tag" or "option" => Nothing, "nan" => float.NaN, _ => 12345 };
            return (ulong)BitConverter.SingleToUInt32Bits(value);
        });
        return new TiffImage(Width, Height, samples, 32)
        {
            Format = 3,
            Values = [.. values],
            Extra = hasAlpha ? [0, 2] : [0],
            NoData = way == "tag" ? "-9999" : null,
            Next = way != "internal" ? null : new TiffImage(Width, Height, 1, 8)
            {
                Photometric = 4,
                SubfileType = 4,
                Values = [.. Enumerable.Range(0, Width * Height).Select(at => at < Top * Width ? 0UL : 255)],
            },
        };
    }
}
