using System.Text;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Splitting;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Tests.Splitting;

namespace ChangeDetection.Datasets.Tests.Packing;

public sealed class SharePackTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task Pack_ByShares_WritesThem_AndSaysHowInTheManifest()
    {
        Add(30, "city{0}");
        var report = await PackAsync(Shares.Of("train=60%,val=20%,test=20%", seed: 3));
        Assert.Equal(["test", "train", "val"], report.Manifest.Splits.Keys);
        Assert.Equal(report.Counts.Select(count => count.Pairs), report.Manifest.Splits.Values.Select(split => split.Samples));
        Assert.Equal(30, report.Manifest.Splits.Values.Sum(split => split.Samples));
        Assert.Empty(report.Warnings);
        var splits = (await ShardDataset.OpenAsync(_source.Store, CancellationToken.None)).Manifest.Provenance.Splits!;
        Assert.Equal("test 20 %, train 60 %, val 20 %, seed 3", splits.ToString());
        var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Path.Combine(_source.Destination, DatasetManifest.FileName)));
        Assert.DoesNotContain("\"group\"", text);
        Assert.Contains("\"train\": 60", text);
    }

    [Fact]
    public async Task Pack_WithMoreImages_LeavesEachWhereItWas()
    {
        Add(20, "city{0}");
        var shares = Shares.Of("train=50%,val=25%,test=25%");
        await PackAsync(shares);
        var before = await KeysAsync();
        Directory.Delete(_source.Destination, recursive: true);
        Add(8, "a_new_one{0}");
        await PackAsync(shares);
        var after = await KeysAsync();
        Assert.All(before, sample => Assert.Equal(sample.Value, after[sample.Key]));
        Assert.Equal(28, after.Count);
    }

    [Fact]
    public async Task Pack_Folds_BesideATestPattern_HasStatisticsOfTheFoldsAlone()
    {
        Add(12, "city{0}");
        _source.Write("A/far.png", PatternImages.Make(new(16, 16, 3, ChangeDetection.Imaging.Pixels.PixelType.UInt8), _ => 255));
        _source.Write("B/far.png", PatternImages.Make(new(16, 16, 3, ChangeDetection.Imaging.Pixels.PixelType.UInt8), _ => 254));
        _source.Write("label/far.png", PatternImages.Grey(16, 16, 0, 255));
        var shares = Shares.Of(null, folds: 3, patterns: "test");
        var report = await PackAsync(shares, "test=far");
        Assert.Equal(["fold0", "fold1", "fold2", "test"], report.Manifest.Splits.Keys);
        Assert.Equal(1, report.Manifest.Splits["test"].Samples);
        Directory.Delete(_source.Destination, recursive: true);
        foreach (var folder in (string[])["A", "B", "label"])
            File.Delete(_source[$"{folder}/far.png"]);
        var without = await PackAsync(Shares.Of(null, folds: 3));
        Assert.Equal(without.Manifest.Statistics.Mean, report.Manifest.Statistics.Mean);
        Assert.Equal(without.Manifest.Ranges, report.Manifest.Ranges);
    }

    [Fact]
    public async Task Pack_Tiles_OfOneImageStayTogether()
    {
        for (var number = 0; number < 12; number++)
        {
            _source.Write($"A/city{number}.png", PatternImages.Rgb(48, 32, seed: 2 * number));
            _source.Write($"B/city{number}.png", PatternImages.Rgb(48, 32, seed: 2 * number + 1));
            _source.Write($"label/city{number}.png", PatternImages.Grey(48, 32, 0, 255));
        }
        var report = await PackAsync(new PackOptions { Tool = "tests", Tiling = Tiling.Create(16, null), Shares = Shares.Of("train=50%,val=25%,test=25%") });
        Assert.Equal(72, report.Manifest.Splits.Values.Sum(split => split.Samples));
        Assert.Equal(12, report.Counts.Sum(count => count.Pairs));
        Assert.All((await KeysAsync()).GroupBy(tile => tile.Key.Split('_')[0]), image => Assert.Single(image.Select(tile => tile.Value).Distinct()));
    }

    [Fact]
    public async Task Pack_AnEmptySplit_IsRefused_BeforeAnythingIsWritten()
    {
        Add(2, "city{0}");
        var error = await Assert.ThrowsAsync<PackRequestException>(() => PackAsync(Shares.Of("train=50%,val=25%,test=25%")));
        Assert.Contains("would be empty", error.Message);
        _source.AssertNothingWritten();
    }

    [Fact]
    public async Task Pack_ASourceWithSplitsOfItsOwn_SaysThatTheyAreDividedAnew()
    {
        foreach (var name in "abcdefgh")
            _source.AddSysu(name < 'e' ? "train" : "test", $"{name}");
        var report = await _source.PackAsync(new PackOptions { Tool = "tests", Shares = Shares.Of("train=50%,test=50%") });
        Assert.Contains("SOURCE has splits of its own (test, train)", Assert.Single(report.Warnings));
    }

    /// <summary>Under other names, and also as another date: a series of dates has each image twice.</summary>
    [Fact]
    public async Task Pack_AnImageInTwoSplits_IsNamedWithItsFiles()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b").AddSysu("test", "k").AddSysu("val", "t");
        File.Copy(_source["train/time1/a.png"], _source["test/time1/k.png"], overwrite: true);
        File.Copy(_source["train/time2/b.png"], _source["test/time2/k.png"], overwrite: true);
        File.Copy(_source["train/time2/a.png"], _source["train/time1/b.png"], overwrite: true);
        var warning = Assert.Single((await _source.PackAsync()).Warnings);
        Assert.StartsWith(
            "The splits 'test' and 'train' share 2 images, byte for byte: test/time1/k.png and train/time1/a.png; " +
            "test/time2/k.png and train/time2/b.png. Scores", warning);
    }

    private void Add(int count, string name)
    {
        for (var number = 0; number < count; number++)
        {
            var stem = string.Format(System.Globalization.CultureInfo.InvariantCulture, name, number);
            var first = name.Length * 40 + 2 * number;
            _source.Write($"A/{stem}.png", PatternImages.Rgb(seed: first));
            _source.Write($"B/{stem}.png", PatternImages.Rgb(seed: first + 1));
            _source.Write($"label/{stem}.png", PatternImages.Grey(16, 16, 0, 255));
        }
    }

    private Task<PackReport> PackAsync(SplitShares shares, params string[] patterns) =>
        PackAsync(new PackOptions { Tool = "tests", Shares = shares, Splits = [.. patterns.Select(SplitRule.Parse)] });

    private Task<PackReport> PackAsync(PackOptions options) => _source.PackAsync(options, "ab-label");

    /// <summary>The split of each sample, by its key.</summary>
    private async Task<Dictionary<string, string>> KeysAsync()
    {
        var keys = new Dictionary<string, string>();
        foreach (var split in (await ShardDataset.OpenAsync(_source.Store, CancellationToken.None)).Manifest.Splits.Keys)
        {
            foreach (var key in (await _source.ImagesAsync(split, SampleFields.Before)).Keys)
                keys.Add(key, split);
        }
        return keys;
    }
}
