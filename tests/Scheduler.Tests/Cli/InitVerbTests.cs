using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

public sealed class InitVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Init_PackedSet_WritesAConfigThatValidates()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder)).Code);

        var run = await VerbRun.OfAsync("init", _folder["dataset"], "--out", _folder["mine.yaml"]);

        Assert.True(run.Code == 0, run.Log);
        Assert.Equal(_folder["mine.yaml"], run.Output.Trim());
        Assert.Equal(0, (await VerbRun.OfAsync("validate", _folder["mine.yaml"])).Code);
        Assert.StartsWith(
            "# yaml-language-server: $schema=changedetection.schema.json\n", File.ReadAllText(_folder["mine.yaml"]), StringComparison.Ordinal);
        Assert.Equal(ExperimentSchema.Json, File.ReadAllText(_folder["changedetection.schema.json"]).TrimEnd());
        var config = ExperimentConfigReader.ReadFile(_folder["mine.yaml"]);
        Assert.Equal(("source", "train", null, 1), (config.Name, config.Dataset.Train.Split, config.Dataset.Train.Crop, config.Train.BatchSize));
        Assert.Equal(("val", "test"), (config.Dataset.Validate?.Split, config.Dataset.Test?.Split));
    }

    [Fact]
    public async Task Init_SplitsThatAreNotThereAndMixedSizes_AreWrittenAsNoneAndACrop()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder, "--split", "all=train/*", "--split", "all=test/*@0,0,48,40", "--name", "2020")).Code);

        var run = await VerbRun.OfAsync("init", _folder["dataset"], "--out", _folder["mine.yaml"]);

        Assert.True(run.Code == 0, run.Log);
        var config = ExperimentConfigReader.ReadFile(_folder["mine.yaml"]);
        Assert.Equal(("2020", "all", 32), (config.Name, config.Dataset.Train.Split, config.Dataset.Train.Crop));
        Assert.Null(config.Dataset.Validate);
        Assert.Null(config.Dataset.Test);
        Assert.Null(config.Evaluate);
        Assert.Equal("train/loss", config.Checkpoint.Metric);
    }

    [Fact]
    public async Task Init_Folds_AreTrainedOnButForOne()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder, "--folds", "2", "--split-seed", "3")).Code);

        var run = await VerbRun.OfAsync("init", _folder["dataset"], "--out", _folder["mine.yaml"]);

        Assert.True(run.Code == 0, run.Log);
        Assert.Equal(0, ExperimentConfigReader.ReadFile(_folder["mine.yaml"]).Dataset.Fold);
        Assert.Equal(0, (await VerbRun.OfAsync("validate", _folder["mine.yaml"], "--set", "dataset.fold=1", "--set", "train.batch_size=1")).Code);
        (await VerbRun.OfAsync("validate", _folder["mine.yaml"], "--set", "dataset.fold=2")).Refused(2, "dataset.fold: is 2", "has the folds 0, 1");
    }

    [Fact]
    public async Task Init_FileThatIsThere_IsNotOverwritten()
    {
        await SmallDataset.SynthesizeAsync(_folder);
        Assert.Equal(0, (await SmallDataset.PackAsync(_folder)).Code);
        var file = _folder.Write("mine.yaml", "mine");

        (await VerbRun.OfAsync("init", _folder["dataset"], "--out", file)).Refused(2, "is there already", "not overwritten");

        Assert.Equal("mine", File.ReadAllText(file));
        (await VerbRun.OfAsync("init", _folder["nowhere"], "--out", _folder["other.yaml"])).Refused(2, "holds no dataset.json");
        Assert.False(File.Exists(_folder["other.yaml"]));
    }
}
