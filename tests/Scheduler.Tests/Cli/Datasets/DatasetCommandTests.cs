using System.Text.Json;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli.Datasets;

public sealed class DatasetCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SynthesizePackVerifyShow_OneAfterTheOther_Work()
    {
        await SynthesizeAsync();
        var packed = await PackAsync("--json");
        Assert.Equal(0, packed.Code);
        Assert.Empty(packed.Json.GetProperty("unmatched").EnumerateArray());
        var verified = await VerbRun.DatasetAsync("verify", _folder["packed"]);
        Assert.Equal(0, verified.Code);
        Assert.Contains("7 samples in 3 shards", verified.Output);
        var shown = await VerbRun.DatasetAsync("show", new Uri(_folder["packed"]).AbsoluteUri);
        Assert.Equal(0, shown.Code);
        Assert.Contains("train", shown.Output);
    }

    [Fact]
    public async Task Show_Json_HasTheFieldsThatScriptsRelyOn()
    {
        await SynthesizeAsync();
        await PackAsync("--name", "made-up");
        var shown = (await VerbRun.DatasetAsync("show", _folder["packed"], "--json")).Json;
        Assert.Equal("made-up", shown.GetProperty("name").GetString());
        Assert.Equal(3, shown.GetProperty("channels").GetInt32());
        var train = shown.GetProperty("splits").GetProperty("train");
        Assert.Equal(5, train.GetProperty("samples").GetInt32());
        Assert.Equal(1, train.GetProperty("shards").GetInt32());
        Assert.Equal(new FileInfo(_folder["packed/train-000000.tar"]).Length, train.GetProperty("bytes").GetInt64());
        Assert.InRange(train.GetProperty("change_fraction").GetDouble(), 0.0001, 0.9999);
        Assert.Equal(3, shown.GetProperty("statistics").GetProperty("mean").GetArrayLength());
        Assert.Equal(64, shown.GetProperty("manifest_sha256").GetString()!.Length);
    }

    [Fact]
    public async Task PackAndIndex_WriteTheSameContactSheetBesideTheManifest()
    {
        await SynthesizeAsync();
        var packed = await PackAsync();
        Assert.Contains($"Contact sheet: file://{_folder["packed/contact-sheet.png"]}", packed.Log, StringComparison.Ordinal);
        var sheet = await File.ReadAllBytesAsync(_folder["packed/contact-sheet.png"], TestContext.Current.CancellationToken);
        // Seven rows of 64 pixels, in three panels, with borders between.
        var shape = ImageCodec.Probe(sheet, "sheet");
        Assert.InRange(shape.Height, 7 * 64, 7 * 72);
        Assert.InRange(shape.Width, 3 * 64, 3 * 72);

        foreach (var file in Directory.GetFiles(_folder["packed"]).Where(file => !file.EndsWith(".tar", StringComparison.Ordinal)))
            File.Delete(file);
        File.WriteAllText(_folder["packed/contact-sheet.png"], "of an earlier data set");
        var indexed = await VerbRun.DatasetAsync("index", _folder["packed"], "--mask-change", "1", "--json");
        Assert.True(indexed.Code == 0, indexed.Log);
        Assert.Equal("train", indexed.Json.GetProperty("splits").EnumerateObject().ElementAt(1).Name);
        Assert.Equal(sheet, await File.ReadAllBytesAsync(_folder["packed/contact-sheet.png"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stats_OfAPackedDataSet_AreWhatTheManifestSays()
    {
        await SynthesizeAsync();
        await PackAsync();
        var shown = (await VerbRun.DatasetAsync("show", _folder["packed"], "--json")).Json;
        var measured = (await VerbRun.DatasetAsync("stats", _folder["packed"], "--json")).Json.GetProperty("splits").GetProperty("train");
        Assert.Equal(
            shown.GetProperty("splits").GetProperty("train").GetProperty("change_fraction").GetDouble(),
            measured.GetProperty("change_fraction").GetDouble());
        Assert.Equal(shown.GetProperty("statistics").GetProperty("mean")[0].GetDouble(), measured.GetProperty("statistics").GetProperty("mean")[0].GetDouble());
        Assert.Equal(5, measured.GetProperty("sizes").GetProperty("64x64").GetInt32());
        Assert.Contains("train: 5 samples", (await VerbRun.DatasetAsync("stats", _folder["packed"])).Output);
    }

    [Fact]
    public async Task Index_OfTarsWithoutAManifest_MakesThemADataSet()
    {
        await SynthesizeAsync();
        await PackAsync();
        foreach (var file in Directory.EnumerateFiles(_folder["packed"]).Where(file => !file.EndsWith(".tar", StringComparison.Ordinal)))
            File.Delete(file);
        var indexed = await VerbRun.DatasetAsync(
            "index", _folder["packed"], "--name", "foreign", "--split", "all=*",
            "--field", "before=after.png", "--field", "after=before.png", "--json");
        Assert.Equal(7, indexed.Json.GetProperty("splits").GetProperty("all").GetProperty("samples").GetInt32());
        Assert.Contains("indexing 100 %", indexed.Log);
        Assert.Equal(0, (await VerbRun.DatasetAsync("verify", _folder["packed"])).Code);
        (await VerbRun.DatasetAsync("index", _folder["packed"])).Refused(2, "already has a dataset.json");
    }

    [Theory]
    [InlineData("--field", "x=y", "is not of the form ROLE=FIELD")]
    [InlineData("--split", "x", "is not of the form NAME=PATTERN")]
    public async Task Index_AnOptionThatIsNone_IsRefused(string option, string text, string said) =>
        (await VerbRun.DatasetAsync("index", _folder.Path, option, text)).Refused(2, said);

    [Fact]
    public async Task Stats_Sheet_IsAPictureOfSomeSamples()
    {
        await SynthesizeAsync();
        await PackAsync();
        var measured = await VerbRun.DatasetAsync("stats", _folder["packed"], "--sheet", _folder["sheet.png"], "--rows", "2", "--json");
        Assert.Equal(4, measured.Json.GetProperty("sheet").GetProperty("rows").GetArrayLength());
        var shape = ImageCodec.Probe(File.ReadAllBytes(_folder["sheet.png"]), "sheet.png");
        Assert.Equal((3 * 66 + 2, 4 * 66 + 2), (shape.Width, shape.Height));
        (await VerbRun.DatasetAsync("stats", _folder["packed"], "--sheet", _folder["none/sheet.png"])).Refused(2, "there is no folder");
        (await VerbRun.DatasetAsync("stats", _folder["packed"], "--sheet", _folder["sheet.jpg"])).Refused(2, "Name it FILE.png");
    }

    [Fact]
    public async Task Pack_Tiles_AreCutAsAsked()
    {
        await SynthesizeAsync();
        var packed = await PackAsync("--tile", "32", "--stride", "16", "--json");
        Assert.Equal(5 * 9, packed.Json.GetProperty("splits").GetProperty("train").GetProperty("samples").GetInt32());
        (await PackAsync("--stride", "16")).Refused(2, "Give --tile too");
        (await PackAsync("--tile", "32", "--min-change", "2")).Refused(2, "is no share of changed pixels");
    }

    [Fact]
    public async Task Pack_Progress_GoesToTheLogAndTheResultAloneToTheOutput()
    {
        await SynthesizeAsync();
        var packed = await PackAsync("--json");
        Assert.Equal(JsonValueKind.Object, packed.Json.ValueKind);
        Assert.Contains("checking 100 %", packed.Log);
        Assert.Contains("packing 100 %", packed.Log);
    }

    [Fact]
    public async Task Verify_ADamagedShard_NamesItAndFails()
    {
        await SynthesizeAsync();
        await PackAsync();
        using (var file = File.OpenWrite(_folder["packed/val-000000.tar"]))
            file.SetLength(file.Length - 1);
        var verified = await VerbRun.DatasetAsync("verify", _folder["packed"]);
        Assert.Equal(1, verified.Code);
        Assert.Contains("val-000000.tar has ", verified.Output);
        var json = (await VerbRun.DatasetAsync("verify", _folder["packed"], "--json")).Json;
        Assert.False(json.GetProperty("sound").GetBoolean());
        Assert.Equal("val-000000.tar", json.GetProperty("damages")[0].GetProperty("file").GetString());
    }

    [Theory]
    [InlineData("show")]
    [InlineData("verify")]
    public async Task Read_WhereThereIsNoDataSet_IsAWrongCommandAndSaysSo(string verb)
    {
        var run = await VerbRun.DatasetAsync(verb, _folder["nowhere"]);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("holds no dataset.json", run.Log);
    }

    [Theory]
    [InlineData("ftp://host/x", "there is no storage backend for 'ftp:'")]
    [InlineData("http://", "is no URI")]
    public async Task Show_AnAddressThatIsNone_IsAWrongCommand(string address, string message)
    {
        var run = await VerbRun.DatasetAsync("show", address);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Log);
    }

    [Fact]
    public async Task Pack_WrongArguments_AreAllToldAtOnce()
    {
        Directory.CreateDirectory(_folder["source"]);
        var run = await VerbRun.DatasetAsync(
            "pack", _folder["source"], "--layout", "sysu", "--out", _folder["packed"], "--split", "train", "--split", "test=a@1,2,3");
        Assert.Equal(2, run.Code);
        Assert.Contains("--split 'train' is not of the form", run.Log);
        Assert.Contains("'1,2,3' is no rectangle", run.Log);
    }

    [Theory]
    [InlineData("--layout", "levir")]
    [InlineData("--encoding", "jpeg")]
    [InlineData("--shard-mib", "0")]
    [InlineData("--no-such", "x")]
    public async Task Pack_AWrongOption_ExitsWith2AndWritesNothing(string option, string value)
    {
        await SynthesizeAsync();
        string[] layout = option == "--layout" ? [] : ["--layout", "sysu"];
        var run = await VerbRun.DatasetAsync(["pack", _folder["source"], "--out", _folder["packed"], .. layout, option, value]);
        Assert.Equal(2, run.Code);
        Assert.NotEmpty(run.Log);
        Assert.False(Directory.Exists(_folder["packed"]));
    }

    [Fact]
    public async Task Pack_BadData_FailsWith1NamingEachFile()
    {
        await SynthesizeAsync();
        File.Delete(_folder["source/train/label/00000.png"]);
        File.WriteAllText(_folder["source/train/time1/00001.png"], "none");
        var run = await PackAsync();
        Assert.Equal(1, run.Code);
        Assert.Contains("train/00000: the mask is missing", run.Log);
        Assert.Contains("train/time1/00001.png", run.Log);
        Assert.False(Directory.Exists(_folder["packed"]));
    }

    [Fact]
    public async Task Pack_MasksThatCouldMeanSeveralThings_AskWith2AndTakeTheAnswer()
    {
        await SynthesizeAsync();
        var mask = new PixelImage(new ImageShape(64, 64, 1, PixelType.UInt8), [.. Enumerable.Range(0, 64 * 64).Select(at => (byte)(at % 3))]);
        await File.WriteAllBytesAsync(_folder["source/train/label/00000.png"], PngEncoder.Encode(mask), TestContext.Current.CancellationToken);
        var asked = await PackAsync();
        Assert.Equal(2, asked.Code);
        Assert.Contains("2 (1365 pixels in 1 file, the first train/label/00000.png)", asked.Log);
        Assert.False(Directory.Exists(_folder["packed"]));
        var answered = await PackAsync("--mask-change", "1,255", "--mask-ignore", "2");
        Assert.Equal(0, answered.Code);
        Assert.Contains("masks        numbers: 1,255 is change, 2 is unlabelled, all else is no change (by the options given)", answered.Output);
        Assert.Contains("1,365 pixels unlabelled", answered.Output);
    }

    [Fact]
    public async Task Pack_WithClasses_NamesThemAndTheirShares()
    {
        await SynthesizeAsync();
        var packed = await PackAsync("--class", "none=0", "--class", "new=255", "--json");
        Assert.Equal(0, packed.Code);
        Assert.Equal(["none", "new"], packed.Json.GetProperty("classes").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(2, packed.Json.GetProperty("splits").GetProperty("train").GetProperty("class_fractions").GetArrayLength());
        Assert.Contains("class              none        new", (await VerbRun.DatasetAsync("show", _folder["packed"])).Output);
        Assert.Equal(0, (await VerbRun.DatasetAsync("verify", _folder["packed"])).Code);
    }

    [Theory]
    [InlineData("--mask-change '> red' is not a comparison such as > 0", "--mask-change", "> red")]
    [InlineData("--class 'none' is not of the form NAME=VALUES", "--class", "none")]
    [InlineData("Give one of them", "--mask-change", "> 0", "--class", "none=0", "--class", "new=1")]
    [InlineData("--bands 3 chooses among the bands of the layout 'oscd'", "--bands", "3")]
    public async Task Pack_WrongWordsAboutMasksAndBands_AreAWrongCommand(string said, params string[] more)
    {
        await SynthesizeAsync();
        var run = await PackAsync(more);
        Assert.Equal(2, run.Code);
        Assert.Contains(said, run.Log);
        Assert.False(Directory.Exists(_folder["packed"]));
    }

    [Theory]
    [InlineData("--pairs", "2")]
    [InlineData("--size", "16")]
    public async Task Synthesize_OutsideItsLimits_IsAWrongCommand(string option, string value)
    {
        string[] pairs = option == "--pairs" ? [] : ["--pairs", "3"];
        var run = await VerbRun.DatasetAsync(["synthesize", "--out", _folder["source"], .. pairs, option, value]);
        Assert.Equal(2, run.Code);
        Assert.Contains($"{option} must be from", run.Log);
    }

    [Fact]
    public async Task Synthesize_IntoAFolderThatIsNotEmpty_FailsAndLeavesIt()
    {
        _folder.Write("source/mine.txt", "mine");
        Assert.Equal(1, (await VerbRun.DatasetAsync("synthesize", "--out", _folder["source"], "--pairs", "3")).Code);
        Assert.Equal("mine", File.ReadAllText(_folder["source/mine.txt"]));
    }

    private async Task SynthesizeAsync()
    {
        var run = await VerbRun.DatasetAsync("synthesize", "--out", _folder["source"], "--pairs", "7", "--seed", "1", "--size", "64", "--json");
        Assert.True(run.Code == 0, run.Log);
        Assert.Equal(7, run.Json.GetProperty("pairs").GetInt32());
    }

    private Task<VerbRun> PackAsync(params string[] more) =>
        VerbRun.DatasetAsync(["pack", _folder["source"], "--layout", "sysu", "--out", _folder["packed"], .. more]);
}
