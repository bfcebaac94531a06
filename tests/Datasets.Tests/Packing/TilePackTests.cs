using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Tests.Packing;

public sealed class TilePackTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData(64, 64, 32, 32, "0,0 32,0 0,32 32,32")]
    [InlineData(70, 32, 32, 32, "0,0 32,0 38,0")]
    [InlineData(40, 33, 32, 32, "0,0 8,0 0,1 8,1")]
    [InlineData(64, 32, 32, 16, "0,0 16,0 32,0")]
    [InlineData(32, 32, 32, 1, "0,0")]
    public void Over_AnArea_CoversItWithTilesOfOneSize(int width, int height, int size, int stride, string places)
    {
        var tiles = Tiling.Create(size, stride).Over(0, 0, width, height).ToList();
        Assert.Equal(places, string.Join(' ', tiles.Select(tile => $"{tile.X},{tile.Y}")));
        Assert.All(tiles, tile => Assert.Equal((size, size), (tile.Width, tile.Height)));
        var covered = new bool[width * height];
        foreach (var tile in tiles)
            for (var y = 0; y < size; y++)
                covered.AsSpan((tile.Y + y) * width + tile.X, size).Fill(true);
        Assert.All(covered, Assert.True);
    }

    [Theory, InlineData(8, null), InlineData(20_000, null), InlineData(32, 0), InlineData(32, 33)]
    public void Create_SizesThatMakeNoSense_AreRefused(int size, int? stride) =>
        Assert.Throws<PackRequestException>(() => Tiling.Create(size, stride));

    [Fact]
    public async Task Pack_Tiles_AreTheSourcesPixelsUnderKeysThatNameTheirPlace()
    {
        Add("train", "a", 40, 24, changedFrom: 3);
        await _source.PackAsync(Options(16));
        var tiles = await _source.ImagesAsync("train", SampleFields.Before);
        Assert.Equal(["a_0_0_16_16", "a_16_0_16_16", "a_24_0_16_16", "a_0_8_16_16", "a_16_8_16_16", "a_24_8_16_16"], tiles.Keys);
        var image = PatternImages.Rgb(40, 24, seed: 'a');
        for (var y = 0; y < 16; y++)
            Assert.Equal(image.Pixels.AsSpan(((8 + y) * 40 + 24) * 3, 48), tiles["a_24_8_16_16"].Bytes.Slice(y * 48, 48));
        Assert.Empty(
            (await new DatasetVerifier(await ShardDataset.OpenAsync(_source.Store, CancellationToken.None), deep: true)
                .VerifyAsync(null, CancellationToken.None)).Damages);
    }

    [Fact]
    public async Task Pack_MinChange_LeavesTilesOutOfTheTrainingSplitAlone()
    {
        // The right half of each image has changed: of the tiles of 16 at 0, 16, 32 and 48 those at 32 and 48.
        Add("train", "a", 64, 16, changedFrom: 32);
        Add("val", "b", 64, 16, changedFrom: 32);
        var report = await _source.PackAsync(Options(16, "0.01"));
        Assert.Equal(["a_32_0_16_16", "a_48_0_16_16"], (await _source.MasksAsync("train")).Keys);
        Assert.Equal((1, 4), (report.Manifest.Splits["train"].ChangeFraction, report.Manifest.Splits["val"].Samples));
        Directory.Delete(_source.Destination, recursive: true);
        report = await _source.PackAsync(Options(16, "val=0.5"));
        Assert.Equal((4, 2), (report.Manifest.Splits["train"].Samples, report.Manifest.Splits["val"].Samples));
    }

    [Fact]
    public async Task Pack_MinChange_MeasuresTheTilesThatAreKept()
    {
        Add("train", "a", 64, 16, changedFrom: 32);
        var report = await _source.PackAsync(Options(16, "0.01"));
        var dataset = await ShardDataset.OpenAsync(_source.Store, CancellationToken.None);
        var measured = await SplitMeasurement.MeasureAsync(dataset, dataset.Manifest.Splits["train"], _ => { }, CancellationToken.None);
        Assert.Equal(measured.Statistics.Mean, report.Manifest.Statistics.Mean);
        Assert.Equal(measured.Statistics.Deviation, report.Manifest.Statistics.Deviation);
        Assert.Equal(measured.ChangeFraction, report.Manifest.Splits["train"].ChangeFraction);
    }

    [Fact]
    public async Task Pack_TilesThatCannotBe_AreRefusedWithTheRemedy()
    {
        Add("train", "a", 32, 16, changedFrom: 30);
        Assert.Contains("smaller than a tile of 64x64", (await Assert.ThrowsAsync<DatasetSourceException>(() => _source.PackAsync(Options(64)))).Message);
        Assert.Contains("has no tile left", (await Assert.ThrowsAsync<DatasetSourceException>(() => _source.PackAsync(Options(16, "0.9")))).Message);
        Assert.Contains(
            "--min-change is for the split 'val'",
            (await Assert.ThrowsAsync<PackRequestException>(() => _source.PackAsync(Options(16, "val=0.9")))).Message);
        Assert.Contains(
            "Give --tile too",
            (await Assert.ThrowsAsync<PackRequestException>(
                () => _source.PackAsync(new PackOptions { Tool = "tests", MinChange = MinChangeRule.Join([MinChangeRule.Parse("0.5")]) }))).Message);
        _source.AssertNothingWritten();
    }

    [Theory, InlineData("x"), InlineData("val="), InlineData("1.5"), InlineData("-0.1"), InlineData("nan")]
    public void MinChange_ThatIsNone_IsRefused(string text) => Assert.Throws<PackRequestException>(() => MinChangeRule.Parse(text));

    private static PackOptions Options(int tile, params string[] least) =>
        new() { Tool = "tests", Tiling = Tiling.Create(tile, null), MinChange = MinChangeRule.Join([.. least.Select(MinChangeRule.Parse)]) };

    private void Add(string split, string name, int width, int height, int changedFrom, byte low = 0, byte high = 255)
    {
        _source.Write($"{split}/time1/{name}.png", PatternImages.Rgb(width, height, name[0]));
        _source.Write($"{split}/time2/{name}.png", PatternImages.Rgb(width, height, name[0] + 1));
        _source.Write($"{split}/label/{name}.png", PatternImages.Make(new(width, height, 1, PixelType.UInt8), at => at % width >= changedFrom ? high : low));
    }
}
