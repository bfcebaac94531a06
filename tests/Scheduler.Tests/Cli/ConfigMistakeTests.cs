using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

public sealed class ConfigMistakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("validate")]
    [InlineData("submit")]
    public async Task Config_MisspeltKeyAndWrongType_AreBothToldWithPlaceAndRemedy(string verb)
    {
        var file = SmallDataset.WriteConfig(_folder, more: "optimizer: { name: adam, lr: fast }\nretrys: { errors: 1 }");
        var run = await RunAsync(verb, file);
        run.Refused(
            2, $"{file}:7:30 optimizer.lr: ", "fast", $"{file}:8:1 retrys: ", "Did you mean 'retries'?", $"{file}:4:8 dataset.uri: ", "holds no dataset.json");
        Assert.Equal(3, run.Log.Split("error: ").Length - 1);
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("submit")]
    public async Task Config_ThatDoesNotExist_IsNamed(string verb) =>
        (await RunAsync(verb, _folder["no.yaml"])).Refused(2, $"{_folder["no.yaml"]}: does not exist");

    [Fact]
    public async Task Set_OfAnUnknownPath_IsToldAsTheOptionItStandsIn() =>
        (await RunAsync("submit", SmallDataset.WriteConfig(_folder), "--set", "train.epoch=3")).Refused(
            2, "--set train.epoch=3", "train.epoch: is not a known key", "Did you mean 'epochs'?");

    [Fact]
    public async Task Priority_OutOfRange_IsRefusedWithItsBounds() =>
        (await RunAsync("submit", SmallDataset.WriteConfig(_folder), "--priority", "10")).Refused(2, "resources.priority", "9");

    [Fact]
    public async Task Submit_DataSetThatIsNotThere_IsRefusedWithItsAddressAndTheRemedy() =>
        (await RunAsync("submit", SmallDataset.WriteConfig(_folder))).Refused(
            2, $"file://{_folder["dataset"]}", "holds no dataset.json", "changedetection dataset pack");

    [Fact]
    public async Task Validate_DataSetThatIsNotThere_FailsAsSubmitDoesUnlessTheDataAreLeftOut()
    {
        var file = SmallDataset.WriteConfig(_folder);
        (await VerbRun.OfAsync("validate", file)).Refused(
            2, $"{file}:4:8 dataset.uri: file://{_folder["dataset"]}", "holds no dataset.json", "it says dataset, which is taken from the config's folder",
            "--skip-data");

        var run = await VerbRun.OfAsync("validate", file, "--skip-data");
        Assert.Equal(0, run.Code);
        Assert.Contains("valid (small, digest ", run.Output, StringComparison.Ordinal);
        Assert.Contains("was not checked", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_TakesSetAsSubmitDoes()
    {
        await PackedAsync();
        var file = SmallDataset.WriteConfig(_folder, uri: "elsewhere");
        Assert.Equal(0, (await VerbRun.OfAsync("validate", file, "--set", "dataset.uri=dataset")).Code);
        (await VerbRun.OfAsync("validate", file, "--set", "dataset.uri=dataset", "--set", "model.channels=4")).Refused(
            2, "--set model.channels=4: model.channels: must be 3");
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("submit")]
    public async Task Config_SplitThatTheDataSetLacks_IsRefusedWithTheSplitsItHas(string verb)
    {
        await PackedAsync();
        (await RunAsync(verb, SmallDataset.WriteConfig(_folder, train: "{ split: trian }"))).Refused(
            2, "dataset.train.split", "no split 'trian'", "Did you mean 'train'?", "test, train, val");
    }

    [Theory]
    [InlineData("validate")]
    [InlineData("submit")]
    public async Task Config_OtherChannelsThanTheDataSet_IsRefusedWithTheRightNumber(string verb)
    {
        await PackedAsync();
        (await RunAsync(verb, SmallDataset.WriteConfig(_folder, more: "model: { channels: 4 }"))).Refused(
            2, "model.channels: must be 3", "(value was 4)", "Write channels: 3.");
    }

    [Fact]
    public async Task Submit_TrainingSplitWithoutAChangedPixel_IsRefused()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        BadImages.ClearMask(_folder["source/train/label/00000.png"]);
        var packed = await SmallDataset.PackAsync(_folder, "--split", "plain=train/*", "--split", "test=test/*");
        Assert.True(packed.Code == 0, packed.Log);
        (await RunAsync("submit", SmallDataset.WriteConfig(_folder, train: "{ split: plain }"))).Refused(
            2, "dataset.train.split", "'plain'", "not one changed pixel", "Check the masks");
    }

    [Fact]
    public async Task Submit_DataSetWithADamagedManifest_FailsNamingIt()
    {
        await PackedAsync();
        File.WriteAllText(_folder["dataset/dataset.json"], "{");
        (await RunAsync("submit", SmallDataset.WriteConfig(_folder))).Refused(1, "dataset.json");
    }

    private async Task PackedAsync()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder)).Code);
    }

    /// <summary>Whatever is refused, no data folder comes of it.</summary>
    private async Task<VerbRun> RunAsync(string verb, string file, params string[] more)
    {
        string[] dataDir = verb == "validate" ? [] : ["--data-dir", _folder["data"]];
        var run = await VerbRun.OfAsync([verb, file, .. dataDir, .. more]);
        Assert.False(Directory.Exists(_folder["data"]));
        return run;
    }
}
