using System.Security.Cryptography;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Resilience.Tests.Storage;

/// <summary>P2, P4, P5: whoever dies, wherever on the road of an attempt, loses nothing and leaves nothing.</summary>
[Collection(StorageCollection.Name)]
public sealed class CrashPointTests(StorageSystem storage)
{
    public static TheoryData<string> Points => [.. CrashPoints.OfAttempts];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Kill_AtPoint_RunEndsInTheWeightsAndMetricsOfAnUndisturbedOne(string point)
    {
        var undisturbed = await storage.Undisturbed;
        var run = await storage.SceneAsync(point);

        Assert.InRange(run.Attempt, 2, int.MaxValue);
        Assert.Equal(0, run.Errors);
        Assert.Equal(await storage.System.FinalWeightsAsync(undisturbed.Id), await storage.System.FinalWeightsAsync(run.Id));
        Assert.Equal(await storage.MetricsAsync(undisturbed.Id), await storage.MetricsAsync(run.Id));
        Assert.DoesNotContain(await storage.EventsAsync(run.Id), told => told.Type is "weights-differ" or "checkpoint-damaged" or "checkpoint-failed");
    }

    [Fact]
    public async Task Kill_AtAllOfThem_LeavesOnceCollectedExactlyTheObjectsOfPublishedCheckpoints()
    {
        var runs = await storage.AllScenesAsync();
        var store = storage.System.Store.LocalPath;
        // Killed puts and attempts did leave something: else this would show nothing.
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(store, ".tmp~")));

        (await storage.System.CliAsync("checkpoint", "gc", "--grace", "00:00:00")).Succeeded();

        Assert.False(Directory.Exists(Path.Combine(store, ".tmp~")));
        foreach (var run in runs)
        {
            var published = await storage.CheckpointsAsync(run.Id);
            Assert.Equal(2, published.Count);
            var files = Directory.EnumerateFiles(Path.Combine(store, "runs", $"{run.Id}"), "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(store, file));
            // The run has ended: of the newest alone the optimizer's state is kept.
            Assert.Equal([true, false], published.Select(checkpoint => checkpoint.Resumable));
            var expected = published.SelectMany(checkpoint =>
                new[] { CheckpointManifest.FileName, CheckpointManifest.OptimizerFile, CheckpointManifest.WeightsFile }
                    .Where(file => checkpoint.Resumable || file != CheckpointManifest.OptimizerFile).Select(file => $"{checkpoint.Prefix}/{file}"));
            Assert.Equal(expected.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
            foreach (var checkpoint in published)
            {
                await using var weights = File.OpenRead(Path.Combine(store, checkpoint.Prefix, CheckpointManifest.WeightsFile));
                Assert.Equal(checkpoint.WeightsSha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(weights)));
            }
        }
    }
}
