using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>The shipped example of the network that this project began with: as it was, and with a ReLU.</summary>
[Collection(TorchCollection.Name)]
public sealed class SeedExampleTests
{
    [Fact]
    public async Task Seed_AsItWasAndWithARelu_TrainsAndIsReported()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 4, ["val"] = 2, ["test"] = 2 });
        var example = ExperimentConfigReader.ReadFile(
            Path.Combine(Repository.Root, "deploy", "examples", "seed.yaml"),
            [$"dataset.uri={dataset.Config(batch: 2).Dataset.Uri}", "train.epochs=1", "train.batch_size=2", "resources.threads=1", "evaluate.pictures=1"]);

        var runs = ExperimentMatrix.Expand(example);

        Assert.Equal([("none", "bce"), ("relu", "bce")], runs.Select(run => (run.Model.Activation, run.Loss.Name)));
        Assert.All(runs, run => Assert.Equal(ModelNames.SiameseFcnn, run.Model.Name));
        var scores = new List<double>();
        foreach (var run in runs)
        {
            var (training, evaluation) = (new RecordingLink(), new RecordingLink());
            var assignment = new TrainerAssignment
            {
                Run = Guid.NewGuid(),
                Attempt = 1,
                Kind = RunKind.Train,
                Config = run,
                Store = new Uri(folder.Path),
                Device = "cpu",
            };
            Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), await AttemptRunner.RunAsync(assignment, training, CancellationToken.None));
            var evaluated = assignment with { Run = Guid.NewGuid(), Kind = RunKind.Evaluate, Checkpoints = training.NewestFirst };
            Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), await AttemptRunner.RunAsync(evaluated, evaluation, CancellationToken.None));
            Assert.Contains(evaluation.Artifacts, artifact => artifact.Name == RunObject.ReportPage);
            scores.Add(evaluation.Points.Single(point => point.Name == "test/loss").Value);
        }
        Assert.NotEqual(scores[0], scores[1]);
    }
}
