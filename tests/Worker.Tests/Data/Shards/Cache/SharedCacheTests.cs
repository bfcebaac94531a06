using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit.Objects;
using ChangeDetection.TestKit;

namespace ChangeDetection.Worker.Tests.Data.Shards.Cache;

/// <summary>Several processes and one cache: they fetch each shard once, and one that is killed at any moment costs the others nothing.</summary>
[Needs(Resource.Processes)]
public sealed class SharedCacheTests
{
    private const int Killed = 128 + 9;
    private const long Room = 1 << 30;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each place, and a later pass of it: in the middle of a shard, behind some that are whole.</summary>
    public static TheoryData<string> Points =>
    [
        CrashPoints.ShardFetching, $"{CrashPoints.ShardFetching}:5", CrashPoints.PutWritten, $"{CrashPoints.PutBeforeRename}:3", $"{CrashPoints.PutRenamed}:4",
        CrashPoints.SampleReading + ":9", CrashPoints.ShardEvicting, $"{CrashPoints.ShardEvicting}:3",
    ];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Kill_AtPoint_TheNextProcessReadsTheSameBits_AndTheCacheStaysWithinItsRoom(string point)
    {
        using var dataset = await CachedDataset.PackAsync(50);
        var expected = (await dataset.ReadUncachedAsync()).Hash;
        // Little room, so that copies make way for others from the second window on.
        var room = (await dataset.OpenAsync()).Manifest.Splits["train"].Shards.Select(shard => shard.Bytes).OrderDescending().Take(4).Sum() + 20_000;

        Assert.Equal((Killed, ""), await RunAsync(dataset, dataset.Packed.Store.Root, room, point));
        Age(dataset);
        Assert.Equal((0, expected), await RunAsync(dataset, dataset.Packed.Store.Root, room));
        Assert.Empty(dataset.Temporaries);
        Assert.InRange(dataset.Taken, 1, room);
    }

    [Fact]
    public async Task TwoProcesses_AtOnce_FetchEachShardOnceBetweenThem()
    {
        using var dataset = await CachedDataset.PackAsync(50);
        var expected = (await dataset.ReadUncachedAsync()).Hash;
        await using var server = await ObjectServer.ServeAsync(Path.GetDirectoryName(dataset.Packed["x"])!);
        server.Latency = TimeSpan.FromMilliseconds(20);
        var results = await Task.WhenAll(RunAsync(dataset, server.Address, Room), RunAsync(dataset, server.Address, Room));
        Assert.Equal([(0, expected), (0, expected)], results);
        var fetched = server.Requests.Where(
            request => request.StartsWith("GET", StringComparison.Ordinal) && request.Contains(".tar", StringComparison.Ordinal)).ToList();
        Assert.Equal(fetched.Distinct(), fetched);
        Assert.Equal(Directory.GetFiles(Path.GetDirectoryName(dataset.Packed["x"])!, "*.tar").Length, fetched.Count);
    }

    [Fact]
    public async Task SlowStore_WarmCache_IsAskedForTheManifestAlone()
    {
        using var dataset = await CachedDataset.PackAsync(50);
        await using var server = await ObjectServer.ServeAsync(Path.GetDirectoryName(dataset.Packed["x"])!);
        server.Latency = TimeSpan.FromMilliseconds(5);
        var store = new HttpObjectStore(server.Address, new StorageSettings { AllowPrivateAddresses = true });
        // Not at file:, so the cache is used without being told to.
        var host = dataset.Host() with { Cache = dataset.Host().Cache! with { OfAllStores = false } };
        foreach (var epoch in new[] { 0, 1 })
        {
            var streams = await dataset.OpenAsync(host, store);
            var asked = server.Requests.Count;
            Assert.Equal((await dataset.ReadUncachedAsync(epoch)).Hash, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(epoch, 0, Token))).Hash);
            Assert.Equal(epoch == 0, server.Requests.Count > asked);
        }
        Assert.Empty(dataset.Events);
    }

    private static async Task<(int ExitCode, string Hash)> RunAsync(CachedDataset dataset, Uri root, long room, string? point = null)
    {
        using var process = ChildParts.StartReader(root, dataset.Folder, room, point);
        var printed = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, printed.Trim());
    }

    /// <summary>What a killed process left is taken for left behind when nobody has written to it for a while.</summary>
    private static void Age(CachedDataset dataset)
    {
        foreach (var left in dataset.Temporaries.ToList())
            File.SetLastWriteTimeUtc(left, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-10));
    }
}
