using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Storage;

/// <summary>P5, P6: what a disk does to data and checkpoints is found, named, and never trained on.</summary>
[Collection(StorageCollection.Name)]
public sealed class StorageFaultTests(StorageSystem storage) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NewestCheckpoint_DamagedWhileTheRunWaits_IsToldAndTheOneBeforeIsResumed()
    {
        var lane = await storage.FreeLaneAsync();
        var (run, workerDied) = await lane.DieAtAsync(CrashPoints.CheckpointPublished, count: 2);
        Assert.True(workerDied);
        var newest = (await storage.CheckpointsAsync(run))[0];
        Flip(Path.Combine(storage.System.Store.LocalPath, newest.Prefix, CheckpointManifest.WeightsFile));

        await lane.StartAsync();
        await storage.System.SucceededAsync(run, StorageSystem.Limit);

        var told = Assert.Single(await storage.EventsAsync(run), told => told.Type == "checkpoint-damaged");
        Assert.Contains($"{newest.Prefix}/{CheckpointManifest.WeightsFile}", told.Detail, StringComparison.Ordinal);
        var undisturbed = await storage.Undisturbed;
        Assert.Equal(await storage.System.FinalWeightsAsync(undisturbed.Id), await storage.System.FinalWeightsAsync(run));
        Assert.Equal(await storage.MetricsAsync(undisturbed.Id), await storage.MetricsAsync(run));
        Assert.All(await storage.CheckpointsAsync(run), checkpoint => Assert.True(checkpoint.Attempt > newest.Attempt));
    }

    [Fact]
    public async Task Shard_WithAFlippedBit_FailsTheRunNamingShardAndSample()
    {
        var lane = await storage.FreeLaneAsync();
        foreach (var file in Directory.GetFiles(storage.System.Dataset))
            File.Copy(file, Directory.CreateDirectory(_folder["dataset"]).FullName + "/" + Path.GetFileName(file));
        foreach (var shard in Directory.GetFiles(_folder["dataset"], "train-*.tar"))
            Flip(shard);

        var run = await lane.SubmitAsync("flipped", config => config with { Dataset = config.Dataset with { Uri = new Uri($"file://{_folder["dataset"]}") } });
        var ended = await storage.System.UntilAsync(run, "end", found => found.State.IsTerminal(), StorageSystem.Limit);

        Assert.Equal((RunState.Failed, 1), (ended.State, ended.Attempt));
        Assert.Matches(@"^train-\d{6}\.tar is damaged: \S+\.(before|after|mask)\.png ", ended.Reason);
    }

    [Fact]
    public async Task Store_ThatIsFull_IsChargedToNobody_AndTheRunGoesOnFromItsCheckpointWhenThereIsRoom()
    {
        // Room for one checkpoint and a half.
        using var disk = SmallDisk.MountOrSkip(_folder["disk"], 26 << 20);
        var surroundings = new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = storage.System.ConnectionString,
            ["CHANGEDETECTION_STORE"] = new Uri(disk.Path + "/").AbsoluteUri,
            ["CHANGEDETECTION_RECHECK_FIRST"] = "00:00:01",
        };
        // The system has another store, whose objects other runs have named by now.
        var identity = await SystemIdentity.ReadAsync(storage.System.Database, CancellationToken.None);
        await StoreMarker.WriteAsync(new FileObjectStore(disk.Path), identity.Id, CancellationToken.None);
        await using var lane = new Lane(storage.System, priority: 3, surroundings);
        await lane.StartAsync();

        var run = await lane.SubmitAsync("full", config => config with { Train = config.Train with { Epochs = 4 } });
        var waiting = await storage.System.UntilAsync(run, "go back to the queue", found => found.State.IsTerminal()
            ? throw new InvalidOperationException($"{found.State}: {found.Reason}")
            : found is { State: RunState.Queued, Attempt: 1 }, StorageSystem.Limit);

        Assert.Equal((0, 0), (waiting.Deaths, waiting.Errors));
        Assert.Contains("store: its disk is full", waiting.Reason, StringComparison.Ordinal);
        var failures = (await storage.EventsAsync(run)).Where(told => told.Type == "checkpoint-failed").ToList();
        Assert.Equal(3, failures.Count);
        Assert.All(failures, told => Assert.Contains("No space left on device. Free space", told.Detail, StringComparison.Ordinal));
        var published = Assert.Single(await storage.CheckpointsAsync(run));
        Assert.Equal(2, published.Step);
        Assert.Equal(3, Directory.EnumerateFiles(Path.Combine(disk.Path, "runs"), "*", SearchOption.AllDirectories).Count());
        (await CommandRun.OfAsync(["checkpoint", "get", $"{run}", "--last", "--out", _folder["weights.safetensors"]], surroundings)).Succeeded();

        disk.Resize(200 << 20);

        var ended = await storage.System.SucceededAsync(run, StorageSystem.Limit);
        Assert.Equal((2, 0, 0), (ended.Attempt, ended.Deaths, ended.Errors));
        Assert.Equal(
            [AttemptEnding.Unfit, AttemptEnding.Succeeded],
            (await new AttemptStore(storage.System.Database).ListAsync(run, CancellationToken.None)).Select(attempt => attempt.Ending));
    }

    /// <summary>The middle of a file of tensors or images is no padding.</summary>
    private static void Flip(string path)
    {
        using var file = File.Open(path, FileMode.Open);
        var at = file.Length / 2;
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }
}
