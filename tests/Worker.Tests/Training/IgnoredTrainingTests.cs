using System.Runtime.CompilerServices;
using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Training and evaluation on unlabelled and missing pixels.</summary>
[Collection(TorchCollection.Name)]
public sealed class IgnoredTrainingTests
{
    private static readonly Dictionary<string, int> s_splits = new() { ["train"] = 6, ["val"] = 3, ["test"] = 5 };

    [Fact]
    public async Task Run_TrainThenEvaluate_ScoresEveryLabelledPixelAndSaysHowManyAreNot()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await IgnoringDataset.WriteAsync(s_splits);
        var config = Config(dataset, epochs: 4);
        var training = new RecordingLink();

        var outcome = await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), training, CancellationToken.None);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        Assert.All(training.Points, point => Assert.True(double.IsFinite(point.Value), point.Name));
        var losses = training.Points.Where(point => point.Name == "train/loss").Select(point => point.Value).ToList();
        Assert.True(losses[^1] < losses[0], string.Join(", ", losses));

        var evaluation = new RecordingLink();
        var evaluated = await AttemptRunner.RunAsync(
            Assignment(folder, config, RunKind.Evaluate) with { Checkpoints = training.NewestFirst }, evaluation, CancellationToken.None);
        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), evaluated);
        var artifact = evaluation.Artifacts.Single(artifact => artifact.Name == RunObject.ReportJson);
        using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(folder[artifact.ObjectKey], TestContext.Current.CancellationToken));
        var masks = dataset["test"].SelectMany(pair => pair.Mask).ToList();
        var split = report.RootElement.GetProperty("split");
        Assert.Equal(5, split.GetProperty("samples").GetInt32());
        Assert.Equal(masks.Count(label => label == 255), split.GetProperty("ignored_pixels").GetInt64());
        Assert.Equal(masks.Count(label => label != 255), split.GetProperty("pixels").GetInt64());
        var rows = report.RootElement.GetProperty("confusion").EnumerateArray().Select(row => row.EnumerateArray().Sum(cell => cell.GetInt64()));
        Assert.Equal([masks.Count(label => label == 0), masks.Count(label => label == 1)], rows);
        Assert.Equal(masks.Count(label => label != 255), report.RootElement.GetProperty("calibration").GetProperty("bins").EnumerateArray().Sum(
            bin => bin.GetProperty("pixels").GetInt64()));
        // Of the split's last image nothing has a label.
        Assert.Equal(4, report.RootElement.GetProperty("image_means").GetProperty("accuracy").GetProperty("defined").GetInt32());
    }

    /// <summary>What stands at missing pixels changes no bit of the weights.</summary>
    [Fact]
    public async Task Run_OnOtherValuesAtMissingPixels_EndsInTheSameBits()
    {
        var weights = new HashSet<string>();
        foreach (var garbage in new[] { 1, 2 })
        {
            using var folder = new TemporaryFolder();
            using var dataset = await IgnoringDataset.WriteAsync(s_splits, garbage: garbage);
            var config = Config(dataset, epochs: 2) with
            {
                Normalize = Normalization.Image,
                Augment = new() { Noise = 0.1, Brightness = 0.2, Misregister = 3, SwapDates = true },
                Loss = new() { Plus = [new() { Name = LossNames.Dice }, new() { Name = LossNames.Lovasz }] },
            };
            var link = new RecordingLink();
            await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), link, CancellationToken.None);
            weights.Add(link.Offers[^1].WeightsSha256);
        }
        Assert.Single(weights);
    }

    /// <summary>As after a kill -9 in the second epoch, which the run's next attempt does again from the checkpoint behind the first.</summary>
    [Fact]
    public async Task Run_KilledAndTakenUp_EndsInTheSameBits()
    {
        using var folder = new TemporaryFolder();
        using var dataset = await IgnoringDataset.WriteAsync(s_splits);
        var config = Config(dataset, epochs: 2);
        var assignment = Assignment(folder, config, RunKind.Train);
        var straight = new RecordingLink();
        await AttemptRunner.RunAsync(assignment, straight, CancellationToken.None);

        var resumed = new RecordingLink();
        var outcome = await AttemptRunner.RunAsync(
            assignment with { Attempt = assignment.Attempt + 1, Checkpoints = [.. straight.NewestFirst.Skip(1)] }, resumed, CancellationToken.None);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        Assert.Equal(2, straight.Offers.Count);
        Assert.Single(resumed.Offers);
        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
        Assert.Equal(straight.Points.Where(point => point.Epoch == 2), resumed.Points);
    }

    [Fact]
    public async Task Step_WithoutALabelledPixel_IsNoDivergence_AndNoPartOfTheMeanLoss()
    {
        var labelled = await LossesAsync([InventedBatches.Draw(0, 0, 2)]);
        var mixed = await LossesAsync([InventedBatches.Draw(0, 0, 2), Unlabelled(InventedBatches.Draw(0, 2, 2))]);
        var none = await LossesAsync([Unlabelled(InventedBatches.Draw(0, 0, 2)), Unlabelled(InventedBatches.Draw(0, 2, 2))]);

        Assert.Equal(labelled["train/loss"], mixed["train/loss"]);
        Assert.Equal(0, none["train/loss"]);
        Assert.Equal(0, none["val/loss"]);
        Assert.Equal(0, none["val/f1"]);
    }

    /// <summary>Of a batch in parts, the part with all the labels is the whole loss.</summary>
    [Fact]
    public async Task PartWithoutALabelledPixel_WeighsNothing()
    {
        var one = await LossesAsync([InventedBatches.Draw(0, 0, 1)], accumulate: 1);
        var two = await LossesAsync([Unlabelled(InventedBatches.Draw(0, 0, 2), from: 1)], accumulate: 2);
        Assert.Equal(one["train/loss"], two["train/loss"]);
    }

    private static async Task<Dictionary<string, double>> LossesAsync(IReadOnlyList<Batch> batches, int accumulate = 1)
    {
        using var folder = new TemporaryFolder();
        var samples = batches.Sum(batch => batch.Count);
        var data = InventedBatches.Of(samples) with
        {
            StepsPerEpoch = batches.Count,
            ReadEpoch = (_, _, token) => Delivered(batches, token),
            ReadValidation = token => Delivered([batches[^1]], token),
        };
        var link = new RecordingLink();
        var run = new SmallRun(new FileObjectStore(folder.Path), data)
        {
            Experiment = SmallRun.Config with { Train = SmallRun.Config.Train with { Epochs = 1, Accumulate = accumulate } },
        };
        Assert.Equal(TrainerEnd.Succeeded, (await run.RunAsync(1, link)).End);
        return link.Points.ToDictionary(point => point.Name, point => point.Value);
    }

    private static async IAsyncEnumerable<Batch> Delivered(IReadOnlyList<Batch> batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var batch in batches)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return batch;
        }
    }

    /// <param name="from">The first sample without a label.</param>
    private static Batch Unlabelled(Batch batch, int from = 0)
    {
        var pixels = batch.Height * batch.Width;
        batch.Mask.AsSpan(from * pixels).Fill(MaskReader.Ignored);
        return new Batch
        {
            FirstPosition = batch.FirstPosition,
            Count = batch.Count,
            Height = batch.Height,
            Width = batch.Width,
            Channels = batch.Channels,
            Before = batch.Before,
            After = batch.After,
            Mask = batch.Mask,
            Ignored = (batch.Count - from) * pixels,
            Keys = batch.Keys,
        };
    }

    private static ExperimentConfig Config(IgnoringDataset dataset, int epochs)
    {
        var config = dataset.Config(crop: 32);
        return config with
        {
            Dataset = config.Dataset with { Validate = new() { Split = "val" }, Test = new() { Split = "test" } },
            Model = new() { Name = "fc-ef", Dropout = 0 },
            Optimizer = new() { Lr = 1e-2 },
            Train = config.Train with { Epochs = epochs, BatchSize = 2 },
            Evaluate = new() { Pictures = 2 },
        };
    }

    private static TrainerAssignment Assignment(TemporaryFolder folder, ExperimentConfig config, RunKind kind) => new()
    {
        Run = new Guid("0198c0de-0000-7000-8000-000000000004"),
        Attempt = 1,
        Kind = kind,
        Config = config,
        Store = new Uri(folder.Path),
        Device = "cpu",
    };
}
