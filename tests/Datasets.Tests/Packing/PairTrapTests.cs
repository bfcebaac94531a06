using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Packing;

/// <summary>Pairs as they are found in real data sets, and as an attacker would write them.</summary>
public sealed class PairTrapTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Fact]
    public async Task Pack_DatesOfDifferentSize_NamesBothFilesAndSizes()
    {
        _source.AddSysu("train", "a").Write("train/time2/a.png", PatternImages.Rgb(16, 12));
        Assert.Equal(
            "train/a: train/time1/a.png is 16x16x3 UInt8, but train/time2/a.png is 16x12x3 UInt8. Both dates must have one size, number of " +
            "channels and type: cut or resample one of them.",
            await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_AMaskOfAnotherSize_NamesBothFilesAndSizes()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(8, 16, 0, 255));
        Assert.Contains("train/time1/a.png is 16x16, but the mask train/label/a.png is 8x16", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_ADataSetOfGreyAndRgb_NamesOneOfEach()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b");
        _source.Write("train/time1/b.png", PatternImages.Grey(16, 16, 9));
        _source.Write("train/time2/b.png", PatternImages.Grey(16, 16, 9));
        var message = await _source.RefusedAsync<DatasetSourceException>();
        Assert.Contains("train/time1/b.png has 1 channels", message);
        Assert.Contains("train/time1/a.png has 3", message);
    }

    [Theory]
    [InlineData("time1", "before image")]
    [InlineData("time2", "after image")]
    [InlineData("label", "mask")]
    public async Task Pack_AFileMissingForOnePair_NamesIt(string folder, string what)
    {
        _source.AddSysu("train", "a").AddSysu("train", "b");
        File.Delete(_source[$"train/{folder}/b.png"]);
        Assert.StartsWith($"train/b: the {what} is missing: train/{folder} has no image", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_UpperCaseAndMixedExtensions_ArePairedByName()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b");
        File.Move(_source["train/time1/a.png"], _source["train/time1/a.PNG"]);
        File.Move(_source["train/label/b.png"], _source["train/label/b.Png"]);
        Assert.Equal(2, (await _source.PackAsync()).Manifest.Splits["train"].Samples);
    }

    [Fact]
    public async Task Pack_FoldersThatSortDifferently_ArePairedByNameNeverByPosition()
    {
        // With these extensions a.BMP, B.png and b.png stand in another order in each folder.
        foreach (var (name, mask) in new[] { ("B", 0), ("a", 255), ("b", 0), ("a1", 255) })
            _source.AddSysu("train", name, PatternImages.Grey(16, 16, (byte)mask, (byte)mask, (byte)mask, 255));
        File.Move(_source["train/label/a.png"], _source["train/label/a.PNG"]);
        File.Move(_source["train/time2/a1.png"], _source["train/time2/a1.Png"]);
        _source.Write("train/label/.DS_Store", [0]);
        _source.Write("train/time2/._a.png", [0]);
        _source.Write("train/time1/Thumbs.db", [0]);
        await _source.PackAsync();
        var (masks, after) = (await _source.MasksAsync("train"), await _source.ImagesAsync("train", SampleFields.After));
        Assert.Equal(4, masks.Count);
        foreach (var (name, changed) in new[] { ("B", 64), ("a", 256), ("b", 64), ("a1", 256) })
        {
            Assert.Equal(changed, masks[name].Bytes.ToArray().Count(value => value == 1));
            Assert.Equal(PatternImages.Rgb(seed: name.Sum(letter => letter) + 128).Pixels, after[name].Bytes.ToArray());
        }
    }

    [Fact]
    public async Task Pack_TwoFilesOfOneName_AreRefused()
    {
        _source.AddSysu("train", "a").Write("train/label/a.bmp", [0]);
        Assert.Contains("train/label/a.bmp and train/label/a.png have one name", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_DamagedFiles_NamesAllOfThem()
    {
        _source.AddSysu("train", "a").AddSysu("train", "b").AddSysu("train", "c").AddSysu("train", "d");
        var png = File.ReadAllBytes(_source["train/time1/a.png"]);
        _source.Write("train/time1/a.png", png[..(png.Length / 2)]);
        _source.Write("train/time2/b.png", "not an image"u8.ToArray());
        _source.Write("train/label/c.png", []);
        var message = await _source.RefusedAsync<DatasetSourceException>();
        Assert.Equal(["train/a", "train/b", "train/c"], message.Split('\n').Select(line => line.Split(':')[0]));
    }

    [Fact]
    public async Task Pack_AnImageBomb_IsRefusedByItsHeader()
    {
        var png = PngEncoder.Encode(PatternImages.Rgb());
        (png[16], png[17], png[20], png[21]) = (0x40, 0, 0x40, 0);
        _source.AddSysu("train", "a").Write("train/time1/a.png", png);
        Assert.Contains("train/time1/a.png", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_ALinkThatLeavesTheSource_IsRefused()
    {
        using var outside = new TemporaryFolder();
        _source.AddSysu("train", "a");
        var secret = outside.Write("secret.png", "secret");
        File.Delete(_source["train/label/a.png"]);
        File.CreateSymbolicLink(_source["train/label/a.png"], secret);
        Assert.Contains("train/label/a.png is a symbolic link that leaves SOURCE", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_AFolderLinkThatLeavesTheSourceThroughAnother_IsRefused()
    {
        using var outside = new TemporaryFolder();
        _source.AddSysu("train", "a");
        Directory.CreateDirectory(outside["val"]);
        Directory.CreateSymbolicLink(_source["inner"], outside.Path);
        Directory.CreateSymbolicLink(_source["val"], "inner/val");
        Assert.Contains("is a symbolic link that leaves SOURCE", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Fact]
    public async Task Pack_LinksThatStayInside_AreFollowed()
    {
        _source.AddSysu("train", "a");
        Directory.CreateSymbolicLink(_source["val"], "../source/train");
        Assert.Equal(1, (await _source.PackAsync()).Manifest.Splits["val"].Samples);
    }

    [Fact]
    public async Task Pack_ALinkInACircle_IsRefused()
    {
        _source.AddSysu("train", "a");
        File.CreateSymbolicLink(_source["train/label/b.png"], "b.png");
        Assert.Contains("train/label/b.png is a symbolic link", await _source.RefusedAsync<DatasetSourceException>());
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a b.c.d")]
    [InlineData("-rf")]
    [InlineData("$(reboot)")]
    [InlineData("NUL")]
    public async Task Pack_AHostileName_BecomesASafeKey(string name)
    {
        _source.AddSysu("train", name);
        await _source.PackAsync();
        Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9_-]*$", Assert.Single(await _source.MasksAsync("train")).Key);
    }

    [Fact]
    public async Task Pack_NamesThatBecomeOneKey_StayApart()
    {
        _source.AddSysu("train", "a.b").AddSysu("train", "a_b").AddSysu("train", "a b").AddSysu("train", new string('x', 200));
        await _source.PackAsync();
        var masks = await _source.MasksAsync("train");
        Assert.Equal(4, masks.Count);
        Assert.All(masks.Keys, key => Assert.InRange(key.Length, 1, SampleKey.MaxBytes));
    }
}
