using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Tests.Layouts;

/// <summary>The layout and every trap that its real files hold.</summary>
public sealed class OscdLayoutTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData(3, "B04 B03 B02")]
    [InlineData(4, "B04 B03 B02 B08")]
    [InlineData(10, "B04 B03 B02 B08 B05 B06 B07 B8A B11 B12")]
    [InlineData(13, "B04 B03 B02 B08 B05 B06 B07 B8A B11 B12 B01 B09 B10")]
    public async Task Pack_SoManyBands_AreInThePapersOrderAtTheSizeOfB04(int bands, string names)
    {
        _source.AddCity("bercy");
        WriteList("train.txt", "bercy");
        var manifest = (await PackAsync(bands)).Manifest;
        Assert.Equal((bands, names), (manifest.Channels, string.Join(' ', manifest.Bands!)));
        foreach (var (role, date) in new[] { (SampleFields.Before, 1), (SampleFields.After, 2) })
        {
            var image = (await _source.ImagesAsync("train", role))["bercy"];
            Assert.Equal(new ImageShape(OscdSource.Width, OscdSource.Height, bands, PixelType.UInt16), image.Shape);
            var expected = names.Split(' ').Select(name => (ushort)OscdSource.ValueOf(name, date)).ToArray();
            Assert.All(Values(image).Chunk(bands), pixel => Assert.Equal(expected, pixel));
        }
        Assert.Equal(0.25, manifest.Splits["train"].ChangeFraction);
    }

    [Fact]
    public async Task Pack_Lists_PutCitiesIntoSplitsWhereverTheyLie()
    {
        foreach (var city in new[] { "bercy", "rennes", "lasvegas", "paris" })
            _source.AddCity(city);
        Directory.Move(_source["labels"], _source["Train Labels"]);
        // As published: one line, commas; the test cities' masks are a tree of their own.
        Directory.CreateDirectory(_source["Test Labels"]);
        Directory.Move(_source["Train Labels/lasvegas"], _source["Test Labels/lasvegas"]);
        WriteList("images/train.txt", "bercy, rennes\r\n");
        WriteList("images/Test.txt", "lasvegas\n");
        var report = await PackAsync(3);
        Assert.Equal((2, 1), (report.Manifest.Splits["train"].Samples, report.Manifest.Splits["test"].Samples));
        Assert.Equal(["paris"], report.Unmatched);
        Assert.Equal(["bercy", "rennes"], (await _source.MasksAsync("train")).Keys);
    }

    [Fact]
    public async Task Pack_WithoutLists_TakesSplitsAndCropsFromTheCommandLine()
    {
        _source.AddCity("bercy");
        Assert.Contains("--split NAME=PATTERN", await _source.RefusedAsync<PackRequestException>("oscd"));
        var report = await _source.PackAsync("oscd", splits: ["train=bercy@0,0,20,24", "test=bercy@20,0,16,24"]);
        Assert.Equal(["test", "train"], report.Manifest.Splits.Keys.Order());
    }

    [Fact]
    public async Task Pack_AListThatNamesAnUnknownCityOrOneTwice_NamesFileAndLine()
    {
        _source.AddCity("bercy");
        WriteList("train.txt", "bercy\natlantis\n");
        Assert.Contains("train.txt, line 2: there are no images of a city 'atlantis'", await RefusedAsync());
        WriteList("train.txt", "bercy\n\nbercy\n");
        Assert.Contains("train.txt, line 3: 'bercy' stands there a second time, after line 1", await RefusedAsync());
        WriteList("images/train.txt", "bercy");
        Assert.Contains("train.txt and images/train.txt are both lists of 'train'", await RefusedAsync());
    }

    [Fact]
    public async Task Pack_MasksOfOneAndTwo_OfZeroAndOne_AndPngs_AreReadAlike()
    {
        _source.AddCity("a", mask: [1, 1, 1, 2]);
        WriteList("train.txt", "a");
        Assert.Equal(0.25, (await PackAsync(3)).Manifest.Splits["train"].ChangeFraction);
        using var second = new SourceFixture();
        second.AddCity("a", mask: [0, 0, 0, 1]);
        second.Write("train.txt", "a"u8.ToArray());
        Assert.Equal(0.25, (await second.PackAsync("oscd")).Manifest.Splits["train"].ChangeFraction);
    }

    [Fact]
    public async Task Pack_APngAlone_IsReadByHalfOfItsGreys_AndTheTiffComesFirst()
    {
        _source.AddCity("a").Write("labels/a/cm/cm.png", OscdSource.Png(OscdSource.Width, OscdSource.Height, 0, 90, 200, 255));
        WriteList("train.txt", "a");
        Assert.Equal(0.25, (await PackAsync(3)).Manifest.Splits["train"].ChangeFraction);
        File.Delete(_source["labels/a/cm/a-cm.tif"]);
        Directory.Delete(_source.Destination, recursive: true);
        var report = await PackAsync(3);
        Assert.Equal(0.5, report.Manifest.Splits["train"].ChangeFraction);
        Assert.StartsWith("masks hold greys between black and white: 90 (216 pixels in 1 file, the first labels/a/cm/cm.png)", Assert.Single(report.Warnings));
    }

    [Fact]
    public async Task Pack_ASecondDateOfFewerRows_IsFilledUpWithItsLastRowAndReported()
    {
        _source.AddCity("a");
        foreach (var (name, scale) in new[] { ("B04", 1), ("B03", 1), ("B02", 1) })
            _source.AddBand(OscdSource.Band("a", 2, name), 500, OscdSource.Width / scale, OscdSource.Height - 3);
        WriteList("train.txt", "a");
        var report = await PackAsync(3);
        Assert.Equal("a: images/a/imgs_2 is 36x21, and was cut or filled up at its edge to the 36x24 of images/a/imgs_1", Assert.Single(report.Warnings));
        var image = (await _source.ImagesAsync("train", SampleFields.After))["a"];
        Assert.Equal(OscdSource.Height, image.Shape.Height);
        Assert.All(Values(image), value => Assert.Equal(500, value));
    }

    [Fact]
    public async Task Pack_ASecondDateOrMaskOfAnotherSize_IsRefusedNamingBoth()
    {
        _source.AddCity("a").Write("labels/a/cm/a-cm.tif", OscdSource.Png(OscdSource.Width, OscdSource.Height - 9, 1, 2));
        WriteList("train.txt", "a");
        Assert.Contains("images/a/imgs_1 is 36x24, but the mask labels/a/cm/a-cm.tif is 36x15", await RefusedAsync());
    }

    [Fact]
    public async Task Pack_ABandOfOneRowMoreOrLess_FitsB04()
    {
        // 24 rows of 10 m are 12 of 20 m and 4 of 60 m; a grid that ends inside a coarse pixel rounds either way.
        _source.AddCity("a").AddBand(OscdSource.Band("a", 1, "B05"), 105, 18, 13).AddBand(OscdSource.Band("a", 1, "B01"), 101, 6, 3)
            .AddBand(OscdSource.Band("a", 1, "B03"), 103, OscdSource.Width, OscdSource.Height - 1);
        WriteList("train.txt", "a");
        await PackAsync(13);
        var pixels = Values((await _source.ImagesAsync("train", SampleFields.Before))["a"]).Chunk(13);
        Assert.All(pixels, pixel => Assert.Equal(((ushort)103, (ushort)105, (ushort)101), (pixel[1], pixel[4], pixel[10])));
    }

    [Fact]
    public async Task Pack_BandsThatWereResampledAlready_AreTakenAsTheyAre()
    {
        _source.AddCity("a", folders: "imgs_{0}_rect");
        foreach (var path in Directory.GetFiles(_source["images"], "*.tif", SearchOption.AllDirectories))
            _source.AddBand(Path.GetRelativePath(_source.Source, path), 7);
        WriteList("train.txt", "a");
        await PackAsync(13);
        Assert.All(Values((await _source.ImagesAsync("train", SampleFields.After))["a"]), value => Assert.Equal(7, value));
    }

    [Fact]
    public async Task Pack_ABandWhoseSizeFollowsFromNothing_IsRefusedWithWhatItShouldBe()
    {
        _source.AddCity("a").AddBand(OscdSource.Band("a", 2, "B11"), 1, 9, 6);
        WriteList("train.txt", "a");
        var message = await RefusedAsync(10);
        Assert.Contains(
            "images/a/imgs_2/X_20170822_B11.tif is 9x6, but images/a/imgs_2/X_20170822_B04.tif is 36x24, so the band should have that size or " +
            "about 18x12", message);
        // It is none of the three.
        await PackAsync(3);
    }

    [Fact]
    public async Task Pack_BothKindsOfFolders_TakesTheImagesAsTheyWereTaken()
    {
        _source.AddCity("a");
        foreach (var date in new[] { 1, 2 })
            _source.AddBand($"images/a/imgs_{date}_rect/X_B04.tif", 9);
        WriteList("train.txt", "a");
        Assert.Empty((await PackAsync(3)).Warnings);
        Directory.Delete(_source["images/a/imgs_2"], recursive: true);
        Directory.Delete(_source.Destination, recursive: true);
        Assert.Contains("images/a/imgs_1_rect has no image of the band B03", await RefusedAsync());
        Directory.Delete(_source["images/a/imgs_2_rect"], recursive: true);
        Assert.Contains("images/a has the images of one date only", await RefusedAsync());
    }

    [Fact]
    public async Task Pack_ABandThatIsMissingOrThereTwice_IsNamed()
    {
        _source.AddCity("a");
        WriteList("train.txt", "a");
        File.Delete(_source[OscdSource.Band("a", 2, "B8A")]);
        Assert.Contains("images/a/imgs_2 has no image of the band B8A", await RefusedAsync(13));
        // A hidden copy is none; a second one is one too many, whatever its case.
        _source.AddBand("images/a/imgs_2/._X_B8A.tif", 1).AddBand("images/a/imgs_1/other_b02.TIF", 1);
        Assert.Contains("images/a/imgs_1/X_20170821_B02.tif and images/a/imgs_1/other_b02.TIF are both the band B02", await RefusedAsync());
    }

    [Fact]
    public async Task Pack_ACityWithoutMaskOrWithTwo_IsNamed()
    {
        _source.AddCity("a").AddCity("b");
        WriteList("train.txt", "a");
        Directory.Delete(_source["labels/a"], recursive: true);
        Assert.Contains("a: the mask is missing: there is no a/cm with a-cm.tif or cm.png", await RefusedAsync());
        WriteList("train.txt", "b");
        _source.Write("more/b/cm/cm.png", OscdSource.Png(OscdSource.Width, OscdSource.Height, 0, 255));
        Assert.Contains("labels/b and more/b both hold a mask of b", await RefusedAsync());
    }

    [Fact]
    public async Task Pack_DatesThatAreSwapped_AreAWarning()
    {
        _source.AddCity("a").Write("images/a/dates.txt", "date_1: 20170829\r\ndate_2: 20161130\r\n"u8.ToArray());
        WriteList("train.txt", "a");
        Assert.Equal(
            "images/a/dates.txt says that imgs_1 (20170829) is later than imgs_2 (20161130); they are before and after all the same",
            Assert.Single((await PackAsync(3)).Warnings));
    }

    [Fact]
    public async Task Pack_MoreThanThreeBandsAsPng_SaysThatRawIsNeeded()
    {
        _source.AddCity("a");
        WriteList("train.txt", "a");
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => PackAsync(4, PackEncoding.Png));
        Assert.Contains("Pack with --encoding raw", error.Message);
    }

    [Fact]
    public void Find_AnotherNumberOfBandsOrLayout_SaysWhichThereAre()
    {
        Assert.Contains("is packed with 3, 4, 10, 13 bands", Assert.Throws<PackRequestException>(() => DatasetLayouts.Find("oscd", 12)).Message);
        Assert.Contains("bands of the layout 'oscd'", Assert.Throws<PackRequestException>(() => DatasetLayouts.Find("sysu", 3)).Message);
    }

    private static ushort[] Values(PixelImage image) => MemoryMarshal.Cast<byte, ushort>(image.Bytes).ToArray();

    private void WriteList(string path, string text) => _source.Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    private Task<PackReport> PackAsync(int bands, PackEncoding encoding = PackEncoding.Raw) =>
        new DatasetPacker(DatasetLayouts.Find("oscd", bands), new() { Tool = "tests", Encoding = encoding })
            .PackAsync(_source.Source, _source.Store, null, CancellationToken.None);

    private async Task<string> RefusedAsync(int bands = 3)
    {
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => PackAsync(bands));
        _source.AssertNothingWritten();
        return error.Message;
    }
}
