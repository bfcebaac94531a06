using System.Runtime.InteropServices;
using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Tests.Data;
using ChangeDetection.Worker.Tests.Training;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Tests.Attempts;

[Collection(TorchCollection.Name)]
public sealed class AttemptRunnerTests
{
    private static readonly Guid s_run = new("0198c0de-0000-7000-8000-000000000002");

    [Fact]
    public async Task Run_TrainThenEvaluate_GivesMetricsAndPictures()
    {
        using var folder = new TemporaryFolder();
        // Whole images of the test split differ in size, and none is a multiple of 16.
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 6, ["val"] = 2, ["test"] = 5 }, i => (32 + i % 2, 33));
        var config = Config(dataset);
        var training = new RecordingLink();

        var outcome = await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), training, CancellationToken.None);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        Assert.NotNull(training.Numerics);
        // A line at the start, one for each epoch and each checkpoint.
        Assert.Matches(
            @"^training fc-siam-diff \(1,350,146 parameters\) on cpu \(1 thread, \w+, libtorch [\d.]+\): " +
            @"2 epochs of 6 samples in \d steps, from 6 samples of split train in .+; validated on 2 samples of split val$",
            training.Lines[0]);
        Assert.Equal(2, training.Lines.Count(line => line.StartsWith("epoch ", StringComparison.Ordinal)));
        Assert.Matches(@"^epoch 1 of 2, [\d.]+ s: train/loss [\d.]+, val/loss [\d.]+, val/f1 [\d.]+ \(best so far\)$", training.Lines[1]);
        Assert.Equal(training.Offers.Select(offer => offer.Prefix),
            training.Lines.Where(line => line.StartsWith("checkpoint at step ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1]));
        // Both epochs' shards, and the validation's.
        Assert.True(training.Reports[^1].Loader.BytesRead > 0);
        Assert.True(training.Reports[^1].Loader.SamplesPerSecond > 0);
        var evaluation = new RecordingLink();
        var evaluated = await AttemptRunner.RunAsync(
            Assignment(folder, config, RunKind.Evaluate) with { Checkpoints = training.NewestFirst }, evaluation, CancellationToken.None);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), evaluated);
        Assert.Matches(
            @"^evaluating fc-siam-diff \(1,350,146 parameters\) of run \S+, step \d+, on cpu \(.+\): 5 samples of split test in ",
            Assert.Single(evaluation.Lines));
        var metrics = evaluation.Points.ToDictionary(point => point.Name, point => point.Value);
        Assert.All(ConfusionCounts.Measures, measure => Assert.InRange(metrics[$"test/{measure}"], -1, 1));
        foreach (var name in new[] { "loss", "average_precision", "calibration_error", "image_mean_f1",
            "class_mean_iou", "threshold", "at_threshold_f1", "f1_low", "f1_high" })
            Assert.Contains($"test/{name}", metrics.Keys);
        Assert.True(evaluation.Reports[^1].Loader.BytesRead > 0);
        Assert.All(evaluation.Points, point => Assert.Equal(training.Offers[^1].Step, point.Step));
        // Three spread over the split, and as many of the worst and of the best as have change or were given some: every sample has.
        var pictures = evaluation.Artifacts.Where(artifact => artifact.ContentType == "image/png").ToList();
        Assert.Equal(["000000", "000002", "000004", "best-1", "best-2", "best-3", "worst-1", "worst-2", "worst-3"],
            pictures.Select(picture => string.Join('-', picture.Name.Split('-').Take(picture.Name.StartsWith('0') ? 1 : 2))).Order(StringComparer.Ordinal));
        foreach (var artifact in pictures)
        {
            var png = await File.ReadAllBytesAsync(folder[artifact.ObjectKey], TestContext.Current.CancellationToken);
            Assert.Equal(artifact.Bytes, png.Length);
            Assert.Equal(5 * (33 + 2) + 2, ImageCodec.Decode(png, artifact.Name).Shape.Width);
        }
        var report = await ReportAsync(folder, evaluation);
        Assert.Equal(metrics["test/f1"], report.GetProperty("scores").GetProperty("f1").GetDouble());
        Assert.Equal(training.Offers[^1].WeightsSha256, report.GetProperty("weights").GetProperty("sha256").GetString());
        Assert.Equal(5, report.GetProperty("split").GetProperty("samples").GetInt32());
        Assert.Equal("val", report.GetProperty("threshold").GetProperty("split").GetString());
        Assert.Equal(5 * 33 * 32 + 2 * 33, report.GetProperty("split").GetProperty("pixels").GetInt64());

        // Made again, as after a kill: the same to the last byte, under the keys of its own attempt.
        var again = new RecordingLink();
        await AttemptRunner.RunAsync(
            Assignment(folder, config, RunKind.Evaluate) with { Attempt = 2, Checkpoints = training.NewestFirst }, again, CancellationToken.None);
        Assert.Equal(
            evaluation.Artifacts.Select(artifact => (artifact.Name, artifact.Sha256)),
            again.Artifacts.Select(artifact => (artifact.Name, artifact.Sha256)));
        Assert.Equal(evaluation.Points, again.Points);
    }

    [Fact]
    public async Task Run_EvaluationWithoutAnotherSplit_ChoosesNoThreshold_AndOfOneImageSaysNoInterval()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2, ["test"] = 1 });
        var config = TrainingOnly(Config(dataset));
        var training = new RecordingLink();
        await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), training, CancellationToken.None);
        var evaluation = new RecordingLink();
        var tested = config
            with { Dataset = config.Dataset with { Test = new SplitConfig { Split = "test" } }, Evaluate = new EvaluateConfig { Pictures = 0 } };

        var outcome = await AttemptRunner.RunAsync(
            Assignment(folder, tested, RunKind.Evaluate) with { Checkpoints = training.NewestFirst }, evaluation, CancellationToken.None);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        Assert.DoesNotContain(evaluation.Points, point => point.Name is "test/threshold" or "test/f1_low");
        Assert.Equal(["report.html", "report.json"], evaluation.Artifacts.Select(artifact => artifact.Name).Order(StringComparer.Ordinal));
        var report = await ReportAsync(folder, evaluation);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("threshold").ValueKind);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("intervals").ValueKind);
    }

    [Fact]
    public async Task Run_StoppedAndResumedOnTheRealStream_EndsInTheSameBits()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 6, ["val"] = 2, ["test"] = 1 });
        var config = Config(dataset);
        var straight = new RecordingLink();
        await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), straight, CancellationToken.None);

        var stopped = new RecordingLink();
        stopped.Stop();
        var outcome = await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train) with { Attempt = 2 }, stopped, CancellationToken.None);
        Assert.Equal(TrainerEnd.Stopped, outcome.End);
        Assert.Equal(1, Assert.Single(stopped.Offers).Step);
        var resumed = new RecordingLink();
        await AttemptRunner.RunAsync(
            Assignment(folder, config, RunKind.Train)
                with { Attempt = 3, Checkpoints = stopped.NewestFirst, PreviousNumerics = stopped.Numerics }, resumed, CancellationToken.None);

        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
        Assert.Empty(resumed.Events);
    }

    [Fact]
    public async Task Run_OtherNumerics_IsAnEvent_OrRefusedWhenStrict()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 });
        var config = TrainingOnly(Config(dataset));
        var assignment = Assignment(folder, config, RunKind.Train) with { PreviousNumerics = new Numerics("1.0", 64, "avx2", "cpu") };
        var link = new RecordingLink();

        Assert.Equal(TrainerEnd.Succeeded, (await AttemptRunner.RunAsync(assignment, link, CancellationToken.None)).End);
        Assert.Equal("numerics-changed", Assert.Single(link.Events).Type);

        var strict = assignment with { Config = config with { Train = config.Train with { Deterministic = Determinism.Strict } } };
        var outcome = await AttemptRunner.RunAsync(strict, new RecordingLink(), CancellationToken.None);
        Assert.Equal(TrainerEnd.Failed, outcome.End);
        Assert.True(outcome.Retryable);
    }

    [Fact]
    public async Task Run_ModelInit_StartsFromTheFile_AndRefusesAnother()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 2 });
        var config = TrainingOnly(Config(dataset));
        var link = new RecordingLink();
        await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), link, CancellationToken.None);
        var weights = new Uri(folder[link.Offers[0].Prefix] + "/weights.safetensors");

        var warm = config with { Model = config.Model with { Init = weights.ToString() } };
        var warmLink = new RecordingLink();
        Assert.Equal(
            TrainerEnd.Succeeded,
            (await AttemptRunner.RunAsync(Assignment(folder, warm, RunKind.Train) with { Attempt = 2 }, warmLink, CancellationToken.None)).End);
        Assert.NotEqual(link.Points[0].Value, warmLink.Points[0].Value);

        var foreign = config with { Model = config.Model with { Init = new Uri(folder[link.Offers[0].Prefix] + "/optimizer.safetensors").ToString() } };
        var refused = await AttemptRunner.RunAsync(
            Assignment(folder, foreign, RunKind.Train) with { Attempt = 3 }, new RecordingLink(), CancellationToken.None);
        Assert.Equal((TrainerEnd.Failed, false), (refused.End, refused.Retryable));
        Assert.Contains("missing: ", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Outcome_TellsUserErrorsFromAccidents()
    {
        Assert.False(FailureReasons.Outcome(new DivergedException("The loss became NaN", 1, 2)).Retryable);
        Assert.False(FailureReasons.Outcome(new CheckpointInvalidException("x", "y")).Retryable);
        Assert.False(FailureReasons.Outcome(new ConfigurationException(new ConfigurationError("config", null, null, "train.epochs", "is wrong"))).Retryable);
        Assert.False(FailureReasons.Outcome(new ExternalException("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")).Retryable);
        Assert.False(FailureReasons.Outcome(new DatasetMissingException(new Uri("file:///x"))).Retryable);
        Assert.True(FailureReasons.Outcome(new IOException("connection reset")).Retryable);
        var memory = FailureReasons.Outcome(new ExternalException("CUDA out of memory. Tried to allocate 2 GiB\nat frame 0"));
        Assert.False(memory.Retryable);
        Assert.StartsWith("Out of memory: CUDA out of memory. Tried to allocate 2 GiB Lower train.batch_size", memory.Reason, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ReportAsync(TemporaryFolder folder, RecordingLink evaluation)
    {
        var artifact = evaluation.Artifacts.Single(one => one.Name == RunObject.ReportJson);
        return JsonDocument.Parse(await File.ReadAllBytesAsync(folder[artifact.ObjectKey], TestContext.Current.CancellationToken)).RootElement;
    }

    private static ExperimentConfig Config(PackedDataset dataset)
    {
        var config = dataset.Config(batch: 2);
        return config with
        {
            Dataset = config.Dataset with { Validate = new SplitConfig { Split = "val" }, Test = new SplitConfig { Split = "test" } },
            Train = config.Train with { Epochs = 2 },
            Evaluate = new EvaluateConfig { Pictures = 3 },
            Resources = new ResourcesConfig { Threads = 1 },
        };
    }

    private static ExperimentConfig TrainingOnly(ExperimentConfig config) => config with
    {
        Dataset = config.Dataset with { Validate = null, Test = null },
        Train = config.Train with { Epochs = 1 },
    };

    private static TrainerAssignment Assignment(TemporaryFolder folder, ExperimentConfig config, RunKind kind) => new()
    {
        Run = s_run,
        Attempt = 1,
        Kind = kind,
        Config = config,
        Store = new Uri(folder.Path),
        Device = "cpu",
    };
}
