using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class ResumeTests
{
    private const int Samples = 6;

    [Fact]
    public async Task Train_StoppedAtEveryStepAndResumed_EndsInTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var straight = new RecordingLink();
        await new SmallRun(new FileObjectStore(folder["straight"]), InventedBatches.Of(Samples)).RunAsync(1, straight);

        var store = new FileObjectStore(folder["stopped"]);
        var offers = new List<CheckpointRecord>();
        var points = new List<MetricPoint>();
        var attempt = 0;
        TrainerOutcome outcome;
        RecordingLink link = new();
        do
        {
            var previous = link.NewestFirst;
            link = new RecordingLink();
            var current = link;
            // Asked for while the first batch is on its way, so that each attempt does one step.
            var run = new SmallRun(store, InventedBatches.Of(Samples, (_, _) => current.Stop()));
            outcome = await run.RunAsync(++attempt, link, previous);
            offers.AddRange(link.Offers);
            points.AddRange(link.Points);
        }
        while (outcome.End == TrainerEnd.Stopped && attempt < 20);

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        Assert.Equal(straight.Offers[^1].WeightsSha256, offers[^1].WeightsSha256);
        Assert.Equal(straight.Offers[0].WeightsSha256, offers.First(offer => offer.Step == 3 && offer.Epoch == 1).WeightsSha256);
        Assert.Equal(straight.Points, points);
    }

    [Fact]
    public async Task Train_KilledBetweenCheckpoints_EndsInTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var straight = new RecordingLink();
        var run = new SmallRun(store, InventedBatches.Of(Samples));
        await run.RunAsync(1, straight);

        // As after a kill -9 in epoch 2: the next attempt gets what epoch 1 had published.
        var resumed = new RecordingLink();
        var outcome = await run.RunAsync(2, resumed, straight.NewestFirst.Skip(1).ToList());

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
        Assert.Equal(straight.Points.Where(point => point.Epoch == 2), resumed.Points);
    }

    [Fact]
    public async Task Resume_NewestDamaged_FallsBackAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        var straight = new RecordingLink();
        var run = new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(Samples));
        await run.RunAsync(1, straight);
        var weights = Path.Combine(folder.Path, straight.Offers[^1].Prefix, "weights.safetensors");
        var bytes = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(weights, bytes, TestContext.Current.CancellationToken);

        var resumed = new RecordingLink();
        var outcome = await run.RunAsync(2, resumed, straight.NewestFirst);

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        var (type, detail) = Assert.Single(resumed.Events);
        Assert.Equal("checkpoint-damaged", type);
        Assert.Contains(straight.Offers[^1].Prefix, detail, StringComparison.Ordinal);
        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
    }

    [Fact]
    public async Task Resume_NewestOfWeightsAlone_SaysSoAndTakesTheOneBefore_AndItsWeightsAreReadAsEver()
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var straight = new RecordingLink();
        var run = new SmallRun(store, InventedBatches.Of(Samples));
        await run.RunAsync(1, straight);
        var newest = straight.NewestFirst[0];
        await store.DeleteAsync(new ObjectKey(newest.Prefix) / CheckpointManifest.OptimizerFile, TestContext.Current.CancellationToken);
        Assert.Equal(
            new FileInfo(Path.Combine(folder.Path, straight.Offers[0].Prefix, CheckpointManifest.OptimizerFile)).Length, straight.Offers[0].OptimizerBytes);

        var resumed = new RecordingLink();
        await run.RunAsync(2, resumed, [newest with { WeightsOnly = true }, .. straight.NewestFirst.Skip(1)]);

        var (type, detail) = Assert.Single(resumed.Events);
        Assert.Equal("checkpoint-not-resumable", type);
        Assert.Contains(newest.Prefix, detail, StringComparison.Ordinal);
        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
        var (manifest, _) = await new PublishedCheckpoint(store, newest).ReadManifestAsync(TestContext.Current.CancellationToken);
        Assert.Contains(CheckpointManifest.OptimizerFile, manifest.Files.Keys);
        Assert.Equal(straight.Offers[^1].WeightsSha256, manifest.Files[CheckpointManifest.WeightsFile].Sha256);
    }

    [Fact]
    public async Task Resume_AllDamaged_BeginsAnewAndEndsInTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var straight = new RecordingLink();
        var run = new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(Samples));
        await run.RunAsync(1, straight);
        foreach (var offer in straight.Offers)
            File.Delete(Path.Combine(folder.Path, offer.Prefix, "manifest.json"));

        var resumed = new RecordingLink();
        await run.RunAsync(2, resumed, straight.NewestFirst);

        Assert.Equal(2, resumed.Events.Count(entry => entry.Type == "checkpoint-damaged"));
        Assert.Equal(straight.Offers[^1].WeightsSha256, resumed.Offers[^1].WeightsSha256);
        Assert.Equal(straight.Points, resumed.Points);
    }

    [Fact]
    public async Task Resume_UnderAnotherConfig_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var store = new FileObjectStore(folder.Path);
        var first = new RecordingLink();
        await new SmallRun(store, InventedBatches.Of(Samples)).RunAsync(1, first);

        var error = await Assert.ThrowsAsync<CheckpointMismatchException>(
            () => new SmallRun(store, InventedBatches.Of(Samples)) { Digest = "another" }.RunAsync(2, new RecordingLink(), first.NewestFirst));

        Assert.Contains("another config", error.Message, StringComparison.Ordinal);
    }
}
