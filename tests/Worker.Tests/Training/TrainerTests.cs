using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;
using TorchSharp;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class TrainerTests
{
    [Fact]
    public async Task Train_TellsLossAndValidation_OncePerStepAndName()
    {
        using var folder = new TemporaryFolder();
        var link = new RecordingLink();

        await new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(42)).RunAsync(1, link);

        string[] epochEnd = ["train/loss", "val/accuracy", "val/f1", "val/iou", "val/kappa", "val/loss", "val/precision", "val/recall"];
        Assert.Equal(epochEnd, link.Points.Where(point => point.Step == 21).Select(point => point.Name).Order(StringComparer.Ordinal));
        Assert.Equal([20L, 21, 40, 42], link.Points.Where(point => point.Name == "train/loss").Select(point => point.Step));
        Assert.Equal(link.Points.Count, link.Points.DistinctBy(point => (point.Name, point.Step)).Count());
        Assert.Equal(1, link.Reports[^1].Fraction);
        Assert.Equal(42, link.Reports[^1].Step);
    }

    [Fact]
    public async Task Train_Epochs_AreCountedFromOne_UpToTheLastInEveryReport()
    {
        using var folder = new TemporaryFolder();
        var link = new RecordingLink();

        // Two epochs of 21 steps.
        await new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(42)).RunAsync(1, link);

        Assert.All(link.Points, point => Assert.Equal((point.Step + 20) / 21, point.Epoch));
        Assert.All(link.Reports, report => Assert.Equal((report.Step + 20) / 21, report.Epoch));
        Assert.Equal(2, link.Reports[^1].Epoch);
    }

    [Fact]
    public async Task Train_LossIsNotANumber_EndsNamingEpochAndStep_WithTheLastCheckpointIntact()
    {
        using var folder = new TemporaryFolder();
        var link = new RecordingLink();
        var store = new FileObjectStore(folder.Path);

        var error = await Assert.ThrowsAsync<DivergedException>(() => new SmallRun(store, InventedBatches.Of(6, notANumber: true)).RunAsync(1, link));

        Assert.Contains("epoch 2, step 4", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, Assert.Single(link.Offers).Step);
        var resumed = new RecordingLink();
        await new SmallRun(store, InventedBatches.Of(6)).RunAsync(2, resumed, link.NewestFirst);
        Assert.Empty(resumed.Events);
    }

    [Fact]
    public async Task Train_BestByMetric_IsOfferedAsBestOnce()
    {
        using var folder = new TemporaryFolder();
        var link = new RecordingLink();
        var run = new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(4))
        {
            Experiment = SmallRun.Config with
            {
                Train = SmallRun.Config.Train with { Epochs = 4 },
                Checkpoint = SmallRun.Config.Checkpoint with { EveryEpochs = 3, Metric = "val/loss", Mode = OptimumMode.Min },
            },
        };

        await run.RunAsync(1, link);

        var best = double.PositiveInfinity;
        foreach (var losses in link.Points.Where(point => point.Name == "val/loss"))
        {
            var offer = link.Offers.FirstOrDefault(candidate => candidate.Step == losses.Step);
            Assert.Equal(losses.Value < best, offer?.Best ?? false);
            if (offer?.Best == true)
                Assert.Equal(losses.Value, JsonDocument.Parse(offer.Metrics).RootElement.GetProperty("val/loss").GetDouble());
            best = Math.Min(best, losses.Value);
        }
        Assert.Contains(link.Offers, offer => offer.Epoch == 3);
        Assert.Equal(4, link.Offers[^1].Epoch);
    }

    [Fact]
    public async Task Train_MinutesPass_ChecksInBetweenEpochs()
    {
        using var folder = new TemporaryFolder();
        var link = new RecordingLink();
        var time = new MinutePerLook();
        var run = new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(6))
        {
            Time = time,
            Experiment = SmallRun.Config with { Checkpoint = SmallRun.Config.Checkpoint with { EveryMinutes = 1 } },
        };

        await run.RunAsync(1, link);

        Assert.Equal([1L, 2, 3, 4, 5, 6], link.Offers.Select(offer => offer.Step));
    }

    [Fact]
    public async Task Checkpoint_StoreFailsOnce_IsAnEventAndTrainingGoesOn()
    {
        using var folder = new TemporaryFolder();
        var obstacle = folder.Write("runs", "a file where the store needs a folder");
        var link = new RecordingLink { OnEvent = _ => File.Delete(obstacle) };

        var outcome = await new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(4)).RunAsync(1, link);

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        Assert.Equal("checkpoint-failed", Assert.Single(link.Events).Type);
        Assert.Equal([4L], link.Offers.Select(offer => offer.Step));
    }

    [Fact]
    public async Task Checkpoint_StoreKeepsFailing_EndsAfterThreeWithTheEarlierOnesIntact()
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var first = new RecordingLink();
        await new SmallRun(store, InventedBatches.Of(4)).RunAsync(1, first);
        Directory.Move(folder["runs"], folder["kept"]);
        folder.Write("runs", "in the way");
        var second = new RecordingLink();

        var error = await Assert.ThrowsAsync<CheckpointsFailedException>(() => new SmallRun(store, InventedBatches.Of(4)).RunAsync(2, second));

        Assert.Equal(3, second.Events.Count);
        Assert.Empty(second.Offers);
        Assert.True(FailureReasons.Outcome(error).Retryable);
        File.Delete(folder["runs"]);
        Directory.Move(folder["kept"], folder["runs"]);
        var third = new RecordingLink();
        await new SmallRun(store, InventedBatches.Of(4)).RunAsync(3, third, first.NewestFirst);
        Assert.Empty(third.Events);
    }

    [Fact]
    public async Task Train_StepsAndValidations_LeaveNoTensorBehind()
    {
        using var folder = new TemporaryFolder();
        var alive = new List<long>();
        var link = new RecordingLink { OnOffer = () => alive.Add(DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount) };
        var run = new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(4))
        {
            Experiment = SmallRun.Config with { Train = SmallRun.Config.Train with { Epochs = 3 } },
        };

        await run.RunAsync(1, link);

        Assert.Equal(3, alive.Count);
        Assert.Equal(alive[0], alive[1]);
        Assert.Equal(alive[1], alive[2]);
    }

    /// <summary>Each look at the clock finds it half a minute later.</summary>
    private sealed class MinutePerLook : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => 30 * ++_looks;
    }
}
