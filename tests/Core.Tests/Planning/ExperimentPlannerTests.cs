using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Planning;

public sealed class ExperimentPlannerTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Plan_MatrixAndSeeds_TrainsAndEvaluatesEach_InTheOrderTheyAreMeantToRun()
    {
        var config = Experiments.Config("szada") with
        {
            Seed = 7, Seeds = 2, Matrix = [new MatrixAxis { Key = "model.name", Values = ["\"fc-ef\"", "\"fc-siam-diff\""] }],
        };

        var plan = ExperimentPlanner.Plan(config, "source", s_now);

        Assert.Equal(
            ["szada fc-ef seed 7", "szada fc-ef seed 7 evaluation", "szada fc-ef seed 8", "szada fc-ef seed 8 evaluation"],
            plan.Runs.Take(4).Select(run => run.Name));
        Assert.Equal(8, plan.Runs.Count);
        Assert.Equal(plan.Runs.Select(run => run.Id).Order(), plan.Runs.Select(run => run.Id));
        Assert.All(plan.Runs.Chunk(2), pair => Assert.Equal((RunKind.Train, RunKind.Evaluate, pair[0].Id), (pair[0].Kind, pair[1].Kind, pair[1].WaitsFor)));
        var stored = ExperimentJson.Deserialize(plan.Experiment.Config);
        Assert.Equal((config.Seeds, config.Matrix), (stored.Seeds, stored.Matrix));
        Assert.Equal((8L, "szada fc-ef"), ExperimentJson.Deserialize(plan.Runs[2].ConfigJson) is var run ? (run.Seed, run.Name) : default);
        Assert.Equal(8, plan.Runs.Select(one => one.Id).Distinct().Count());
    }

    [Fact]
    public void Plan_AMatrixOfFolds_IsARunForEach_ToldApartByItsNameAlone()
    {
        var config = Experiments.Config("szada") with { Seeds = 2, Matrix = [new MatrixAxis { Key = "dataset.fold", Values = ["0", "1", "2"] }] };

        var plan = ExperimentPlanner.Plan(config, "source", s_now);

        Assert.Equal(12, plan.Runs.Count);
        Assert.Equal(
            ["szada seed 0 fold 0", "szada seed 1 fold 0", "szada seed 0 fold 1"], plan.Runs.Where((_, at) => at is 0 or 2 or 4).Select(run => run.Name));
        var configs = plan.Runs.Select(run => ExperimentJson.Deserialize(run.ConfigJson)).ToList();
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], configs.Select(run => run.Dataset.Fold!.Value));
        Assert.All(configs, run => Assert.Equal("szada", run.Name));
    }

    /// <summary>Its threshold is chosen on its own fold, and its loss weighted as in training.</summary>
    [Fact]
    public void EvaluationConfig_OfARunOnAFold_LeavesValidationToTheFold()
    {
        var trained = Experiments.Config("folded") with { Dataset = new DatasetConfig { Uri = new Uri("file:///d/"), Fold = 2 } };
        var wish = new EvaluationRequest(new Uri("file:///d/"), "d", "test", "fold2", CheckpointChoice.Best, 2, Rescale: null);

        Assert.Equal((2, "val"), EvaluationPlanner.Config(trained, wish with { Fold = 2 }).Dataset is var own ? (own.Fold, own.Validate!.Split) : default);
        Assert.Null(EvaluationPlanner.Config(trained, wish with { Fold = 2, Validation = null }).Dataset.Validate);
        Assert.Equal((null, "fold2"), EvaluationPlanner.Config(trained, wish).Dataset is var other ? (other.Fold, other.Validate!.Split) : default);
    }

    [Fact]
    public void Plan_OneRun_IsNamedAsTheExperiment()
    {
        var plan = ExperimentPlanner.Plan(Experiments.Config("alone"), "source", s_now);

        Assert.Equal(["alone", "alone evaluation"], plan.Runs.Select(run => run.Name));
        Assert.Equal(plan.Experiment.Digest, plan.Runs[0].Digest);
    }

    /// <summary>Whatever the training's config says, the evaluation's is one that the worker reads back.</summary>
    [Fact]
    public void EvaluationConfig_OfAnyTraining_KeepsEveryRule()
    {
        var trained = Experiments.Config(new string('x', 80)) with
        {
            Train = new TrainConfig { EarlyStop = 3 },
            Checkpoint = new CheckpointConfig { KeepBest = 0 },
            Evaluate = null,
            Dataset = new DatasetConfig
            {
                Uri = new Uri("file:///trained/"),
                Test = null,
                Train = new TrainSplitConfig { Split = "big", Mix = [new MixedSplitConfig { Uri = new Uri("file:///gone/") }] },
            },
            Published = [new PublishedScores { Model = "fc-ef", Source = "x" }],
            Seeds = 4,
        };

        foreach (var validation in new[] { null, "val" })
        {
            var config = EvaluationPlanner.Config(
                trained, new EvaluationRequest(new Uri("file:///other/"), "Öther/set", "test", validation, CheckpointChoice.Best, 2, Rescale: null));

            Assert.Equal(config, ExperimentJson.Deserialize(ExperimentJson.Serialize(config)));
            Assert.Equal(
                (new Uri("file:///other"), "test", validation, "big", 0),
                (config.Dataset.Uri, config.Dataset.Test!.Split, config.Dataset.Validate?.Split,
                    config.Dataset.Train.Split, config.Dataset.Train.Mix.Count));
        }
    }
}
