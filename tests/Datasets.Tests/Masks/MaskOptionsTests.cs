using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Datasets.Tests.Masks;

/// <summary>Masks whose values mean what the user says.</summary>
public sealed class MaskOptionsTests : IDisposable
{
    private readonly SourceFixture _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData("> 0", 0.75)]
    [InlineData(">= 2", 0.5)]
    [InlineData("2", 0.25)]
    [InlineData("1,3-9", 0.5)]
    [InlineData("!= 3", 0.75)]
    public async Task Pack_ARuleOfChange_MapsSemanticMasksAndIsRecorded(string rule, double fraction)
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1, 2, 3));
        var report = await PackAsync(Change(rule));
        Assert.Equal((rule, fraction), (report.Manifest.Mask!.Change, report.Manifest.Splits["train"].ChangeFraction));
        Assert.Equal((2, "option", "number"), (report.Manifest.Version, report.Manifest.Mask.RuleFrom, report.Manifest.Mask.Unit));
        Assert.Equal([new("0", 64), new("1", 64), new("2", 64), new("3", 64)], report.Manifest.Mask.Values);
        Assert.Null(report.Manifest.Classes);
        Assert.Empty(report.Warnings);
        var matches = MaskRule.TryParse(rule)!;
        var expected = Enumerable.Range(0, 256).Select(at => matches.Matches(at % 4) ? (byte)1 : (byte)0);
        Assert.Equal(expected, (await _source.MasksAsync("train"))["a"].Bytes.ToArray());
    }

    [Fact]
    public async Task Pack_ARuleThatNoValueOrEveryValueKeeps_NamesTheValuesThatOccur()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1, 4)).AddSysu("val", "b", PatternImages.Grey(16, 16, 0, 7));
        Assert.Contains("--mask-change '> 7' is none of the values that the masks hold: 0 (214 pixels in 2 files", await RefusedAsync(Change("> 7")));
        Assert.Contains("--mask-change '< 9' is every value that the masks hold: 0 (214 pixels in 2 files", await RefusedAsync(Change("< 9")));
        Assert.Contains("7 (128 pixels in 1 file, the first val/label/b.png)", await RefusedAsync(Change("> 7")));
    }

    [Fact]
    public async Task Pack_ARule_SettlesWhatValuesDoNotSay()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 1, 2)).AddSysu("train", "b", PatternImages.Grey(16, 16, 1));
        Assert.Equal(0.75, (await PackAsync(Change("1"))).Manifest.Splits["train"].ChangeFraction);
    }

    [Fact]
    public async Task Pack_Classes_AreTheirNumbersInTheMasksAndNamedInTheManifest()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 10, 20, 21)).AddSysu("val", "b", PatternImages.Grey(16, 16, 0, 0, 0, 10));
        var report = await PackAsync(Classes("none=0", "building=10", "water=20-29"));
        Assert.Equal([new("none", "0"), new("building", "10"), new("water", "20-29")], report.Manifest.Classes!);
        Assert.Equal([0.25, 0.25, 0.5], report.Manifest.Splits["train"].ClassFractions!);
        Assert.Equal([0.75, 0.25, 0], report.Manifest.Splits["val"].ClassFractions!);
        Assert.Equal(0.75, report.Manifest.Splits["train"].ChangeFraction);
        var masks = await _source.MasksAsync("train");
        Assert.Equal(new byte[] { 0, 1, 2, 2 }, masks["a"].Bytes[..4].ToArray());
        var dataset = await ShardDataset.OpenAsync(_source.Store, CancellationToken.None);
        Assert.Equal(report.Manifest.Classes, dataset.Manifest.Classes);
        var train = dataset.Manifest.Splits["train"];
        Assert.Equal((0.75, 0.5), (train.ChangeFractionBy(null), train.ChangeFractionBy(MaskRule.TryParse("2"))));
    }

    [Fact]
    public async Task Pack_AValueOfNoClass_NamesTheMaskAndWhatItHolds()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1)).AddSysu("train", "b", PatternImages.Grey(16, 16, 0, 1, 7, 9));
        var message = await RefusedAsync(Classes("none=0", "new=1"));
        Assert.Contains("no --class names: 7 (64 pixels in 1 file, the first train/label/b.png), 9 (64 pixels in 1 file", message);
        Assert.Contains("--mask-ignore 7, 9", message);
    }

    [Fact]
    public async Task Pack_ClassesByColour_ReadGreyMasksToo()
    {
        _source.AddSysu("train", "a", PatternImages.Make(new(16, 16, 3, PixelType.UInt8), at => at / 3 % 4 == 0 && at % 3 == 0 ? (byte)255 : (byte)0));
        _source.AddSysu("train", "b", PatternImages.Grey(16, 16, 0, 0, 0, 255));
        var train = (await PackAsync(Classes("none=#000000", "new=#ff0000", "gone=#ffffff"))).Manifest.Splits["train"];
        Assert.Equal([0.75, 0.125, 0.125], train.ClassFractions!);
    }

    [Fact]
    public async Task Pack_ColoursAndNumbersTogether_AreRefused() =>
        Assert.Contains("Name all as colours", (await Assert.ThrowsAsync<PackRequestException>(() => PackAsync(Classes("none=0", "new=#ff0000")))).Message);

    [Fact]
    public async Task Pack_ANoDataTagOfZeroOnMasksThatHoldZero_IsAskedAbout()
    {
        var mask = new TiffImage(16, 16, 1, 8) { Values = [.. Enumerable.Range(0, 256).Select(at => (ulong)at % 2)], NoData = "0" }.Write();
        _source.AddSysu("train", "a");
        File.Delete(_source["train/label/a.png"]);
        _source.Write("train/label/a.tif", mask);
        Assert.Contains("Say --mask-ignore none if 0 is no change", await RefusedAsync(new PackOptions { Tool = "tests" }));
        var all = await PackAsync(new PackOptions { Tool = "tests", Masks = MaskOptions.Parse(null, [], "none", null) });
        Assert.Equal((0.5, 0), (all.Manifest.Splits["train"].ChangeFraction, all.Manifest.Splits["train"].IgnoredPixels));
    }

    [Theory]
    [InlineData(null, 1 / 3.0, 64)]
    [InlineData("1,7", 0.5, 0)]
    public async Task Pack_ANoDataTagOfAnotherValue_IsUnlabelledUnlessARuleNamesIt(string? change, double fraction, long ignored)
    {
        // 0, 0, 1, 7 by turns.
        var values = Enumerable.Range(0, 256).Select(at => (at % 4) switch { 2 => 1UL, 3 => 7UL, _ => 0UL });
        _source.AddSysu("train", "a");
        File.Delete(_source["train/label/a.png"]);
        _source.Write("train/label/a.tif", new TiffImage(16, 16, 1, 8) { Values = [.. values], NoData = "7" }.Write());
        var train = (await PackAsync(new PackOptions { Tool = "tests", Masks = MaskOptions.Parse(change, [], null, null) })).Manifest.Splits["train"];
        Assert.Equal(fraction, train.ChangeFraction, 12);
        Assert.Equal(ignored, train.IgnoredPixels);
    }

    [Theory]
    [InlineData("> 0", "3", "3")]
    [InlineData("1-5", "5-9", "5")]
    [InlineData("#ff0000,#00ff00", "#00ff00", "#00ff00")]
    public void Parse_AValueThatIsChangeAndUnlabelled_IsRefused(string change, string ignore, string both) =>
        Assert.StartsWith($"The value {both} is both change", Assert.Throws<PackRequestException>(() => MaskOptions.Parse(change, [], ignore, null)).Message);

    [Fact]
    public async Task Pack_AClassThatOccursNowhere_IsAWarning()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1));
        var report = await PackAsync(Classes("none=0", "new=1", "gone=>= 2"));
        Assert.Equal("the class 'gone' (>= 2) is in no mask; the values that occur: 0, 1", Assert.Single(report.Warnings));
    }

    [Fact]
    public async Task Pack_ClassesOfTiles_CountTheTilesThatAreKept()
    {
        var mask = PatternImages.Make(new(32, 16, 1, PixelType.UInt8), at => at % 32 < 16 ? (byte)0 : (byte)(at / 32 < 8 ? 1 : 2));
        _source.AddSysu("train", "a", mask);
        _source.Write("train/time1/a.png", PatternImages.Rgb(32, 16));
        _source.Write("train/time2/a.png", PatternImages.Rgb(32, 16));
        var options = Classes(
            "none=0", "new=1", "gone=2") with { Tiling = Tiling.Create(16, null), MinChange = new Dictionary<string, double> { ["train"] = 0.1 } };
        var split = (await PackAsync(options)).Manifest.Splits["train"];
        Assert.Equal(1, split.Samples);
        Assert.Equal([0, 0.5, 0.5], split.ClassFractions!);
    }

    [Fact]
    public async Task Verify_AMaskBeyondTheClasses_IsFound()
    {
        _source.AddSysu("train", "a", PatternImages.Grey(16, 16, 0, 1, 2));
        var report = await PackAsync(Classes("none=0", "new=1", "gone=2"));
        var two = report.Manifest with
        {
            Classes = [.. report.Manifest.Classes!.Take(2)],
            Splits = report.Manifest.Splits.ToDictionary(split => split.Key, split => split.Value with { ClassFractions = [0.5, 0.5] }),
        };
        await File.WriteAllBytesAsync(
            Path.Combine(_source.Destination, DatasetManifest.FileName), DatasetManifestFile.Format(two), TestContext.Current.CancellationToken);
        var dataset = await ShardDataset.OpenAsync(_source.Store, CancellationToken.None);
        var found = await new DatasetVerifier(dataset, deep: true).VerifyAsync(null, CancellationToken.None);
        Assert.Contains(found.Damages, damage => damage.Problem.Contains("whose mask has the value 2, and there are 2 classes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("none=0", "--class is given 1 times")]
    [InlineData("none=0;new=1;NEW=2", "--class names 'new' twice")]
    [InlineData("none=0-3;new=2", "the value 2 is in both 'none' and 'new'")]
    public void Parse_ClassesThatCannotBe_SaysWhy(string classes, string message)
        => Assert.Contains(message, Assert.Throws<PackRequestException>(() => Classes(classes.Split(';'))).Message);

    [Theory]
    [InlineData("building")]
    [InlineData("=1")]
    [InlineData("building=tall")]
    [InlineData("a/b=1")]
    public void Parse_NoClass_ShowsTheForm(string text)
        => Assert.Contains("NAME=VALUES", Assert.Throws<PackRequestException>(() => ClassRule.Parse(text)).Message);

    private static PackOptions Change(string rule) => new() { Tool = "tests", Masks = MaskOptions.Parse(rule, [], null, null) };

    private static PackOptions Classes(params string[] classes) => new()
    {
        Tool = "tests",
        Masks = MaskOptions.Parse(null, [.. classes.Select(ClassRule.Parse)], null, null),
    };

    private Task<PackReport> PackAsync(PackOptions options) => _source.PackAsync(options);

    private async Task<string> RefusedAsync(PackOptions options)
    {
        var error = await Assert.ThrowsAsync<DatasetSourceException>(() => PackAsync(options));
        _source.AssertNothingWritten();
        return error.Message;
    }
}
