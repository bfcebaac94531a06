using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>A run on a fold, trained and evaluated as a worker would have it done.</summary>
[Collection(TorchCollection.Name)]
public sealed class FoldTrainingTests
{
    private static readonly Dictionary<string, int> s_folds = new() { ["fold0"] = 4, ["fold1"] = 3, ["fold2"] = 5 };

    [Fact]
    public async Task Evaluation_IsOfTheTestSplit_WithAThresholdOfTheFold()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int>(s_folds) { ["test"] = 2 });
        var (training, evaluation, report) = await RunAsync(dataset);
        Assert.Contains(training.Lines, line => line.Contains("from 9 samples of split fold0+fold2", StringComparison.Ordinal));
        Assert.Contains(training.Lines, line => line.Contains("validated on 3 samples of split fold1", StringComparison.Ordinal));
        Assert.Equal(("test", 2), (report.GetProperty("split").GetProperty("name").GetString(), report.GetProperty("split").GetProperty("samples").GetInt32()));
        Assert.Contains(evaluation.Points, point => point.Name == "test/threshold");
        Assert.Empty(evaluation.Events);
    }

    [Fact]
    public async Task Evaluation_WithoutATestSplit_IsOfTheFold_AndRepeatsItsValidation()
    {
        using var dataset = await PackedDataset.PackAsync(s_folds);
        var (training, evaluation, report) = await RunAsync(dataset);
        Assert.Equal("fold1", report.GetProperty("split").GetProperty("name").GetString());
        Assert.Equal("evaluated-on-fold", Assert.Single(evaluation.Events).Type);
        // A threshold that was chosen on the very split would be chosen with the answers at hand.
        Assert.DoesNotContain(evaluation.Points, point => point.Name == "test/threshold");
        foreach (var metric in (string[])["f1", "loss", "kappa"])
            Assert.Equal(Last(training, $"val/{metric}"), Last(evaluation, $"test/{metric}"));

        static double Last(RecordingLink link, string name) => link.Points.Last(point => point.Name == name).Value;
    }

    private static async Task<(RecordingLink Training, RecordingLink Evaluation, JsonElement Report)> RunAsync(PackedDataset dataset)
    {
        using var folder = new TemporaryFolder();
        var config = dataset.Config();
        config = config with
        {
            Dataset = config.Dataset with { Fold = 1, Validate = new() { Split = "val" }, Test = new() { Split = "test" } },
            Train = config.Train with { Epochs = 2 },
            Evaluate = new() { From = CheckpointChoice.Last, Pictures = 0 },
        };
        var (training, evaluation) = (new RecordingLink(), new RecordingLink());
        await SucceedAsync(Assignment(folder, config, RunKind.Train), training);
        await SucceedAsync(Assignment(folder, config, RunKind.Evaluate) with { Checkpoints = training.NewestFirst }, evaluation);
        var key = evaluation.Artifacts.Single(artifact => artifact.Name == RunObject.ReportJson).ObjectKey;
        using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(folder[key], TestContext.Current.CancellationToken));
        return (training, evaluation, report.RootElement.Clone());
    }

    private static async Task SucceedAsync(TrainerAssignment assignment, RecordingLink link) => Assert.Equal(
        new TrainerOutcome(TrainerEnd.Succeeded), await AttemptRunner.RunAsync(assignment, link, TestContext.Current.CancellationToken));

    private static TrainerAssignment Assignment(TemporaryFolder folder, ExperimentConfig config, RunKind kind) => new()
    {
        Run = new Guid("0198c0de-0000-7000-8000-000000000005"),
        Attempt = 1,
        Kind = kind,
        Config = config,
        Store = new Uri(folder.Path),
        Device = "cpu",
    };
}
