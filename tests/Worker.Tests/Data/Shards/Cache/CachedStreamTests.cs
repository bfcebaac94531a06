using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Shards.Cache;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Shards.Cache;

[Needs(Resource.Processes)]
public sealed class CachedStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Epoch_ColdWarmAndWithoutTheCache_DeliversTheSameBits()
    {
        using var dataset = await CachedDataset.PackAsync(50);
        var largest = (await dataset.OpenAsync()).Manifest.Splits["train"].Shards.Max(shard => shard.Bytes);
        // From just a window's room, where every window evicts the one before, to room for all.
        await Gen.Select(Gen.Int[3, 12], Gen.Int[0, 3], Gen.Int[0, 49], Gen.Bool).SampleAsync(async (shards, epoch, position, clear) =>
        {
            if (clear && Directory.Exists(dataset.Folder))
                Directory.Delete(dataset.Folder, recursive: true);
            var streams = await dataset.OpenAsync(dataset.Host(shards * (largest + 10_000)));
            var delivered = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(epoch, position, Token));
            var plain = await RunDataLoader.OpenAsync(dataset.Packed.Config(decoders: 2), Token);
            return delivered.Hash == (await Delivered.ReadAsync(plain.Training.ReadEpochAsync(epoch, position, Token))).Hash
                && (!clear || dataset.Taken <= shards * (largest + 10_000));
        }, iter: 25, threads: 1);
        Assert.Empty(dataset.Events);
        Assert.Empty(dataset.Temporaries);
    }

    [Fact]
    public async Task SecondEpoch_OfACacheThatHoldsAll_ReadsNothingFromTheStore()
    {
        using var dataset = await CachedDataset.PackAsync(50);
        await dataset.ReadAsync();
        var (read, shards) = (dataset.Store.ShardBytes, Directory.GetFiles(Path.GetDirectoryName(dataset.Packed["x"])!, "*.tar").Length);
        var streams = await dataset.OpenAsync();
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token));
        Assert.Equal(read, dataset.Store.ShardBytes);
        Assert.Equal((0, shards, 0), (streams.Counters.BytesRead, streams.Counters.CacheHits, streams.Counters.CacheMisses));
        Assert.Equal(3 * shards, dataset.Copies.Count());
    }

    [Fact]
    public async Task BitFlipInACopy_IsMendedFromTheStore_AndToldByShardKeyAndFile()
    {
        using var dataset = await CachedDataset.PackAsync(20);
        var expected = (await dataset.ReadAsync()).Hash;
        var opened = await ShardDataset.OpenAsync(dataset.Packed.Store, Token);
        var shard = opened.Manifest.Splits["train"].Shards[1];
        var index = await opened.ReadIndexAsync(shard, Token);
        var copy = Path.Combine(dataset.Folder, shard.Sha256);
        Damage.Flip(copy, index.Find(2, SampleFields.After)!.Value.Offset + 9);
        // Two damages, one repair: the first mends both.
        Damage.Flip(copy, index.Find(0, SampleFields.Mask)!.Value.Offset + 3);

        Assert.Equal(expected, (await dataset.ReadAsync()).Hash);
        var (type, detail) = Assert.Single(dataset.Events);
        Assert.Equal("shard-repaired", type);
        Assert.Contains(shard.Name, detail, StringComparison.Ordinal);
        Assert.Contains(copy, detail, StringComparison.Ordinal);
        Assert.True(detail.Contains(index.Key(2), StringComparison.Ordinal) || detail.Contains(index.Key(0), StringComparison.Ordinal));
        Assert.Equal(expected, (await dataset.ReadAsync()).Hash);
        Assert.Single(dataset.Events);
    }

    [Fact]
    public async Task CopyOfAnotherLength_IsFetchedAgain()
    {
        using var dataset = await CachedDataset.PackAsync(20);
        var expected = (await dataset.ReadAsync()).Hash;
        foreach (var copy in dataset.Copies.ToList())
        {
            using var file = File.OpenWrite(copy);
            file.SetLength(file.Length - 1);
        }
        Assert.Equal(expected, (await dataset.ReadAsync()).Hash);
        Assert.Empty(dataset.Events);
    }

    [Fact]
    public async Task DamagedStore_FailsByTheShardsName_AndLeavesNoCopy()
    {
        using var dataset = await CachedDataset.PackAsync(20);
        Damage.Flip(dataset.Packed["train-000001.tar"], 700);
        var error = await Assert.ThrowsAsync<ShardCorruptException>(() => dataset.ReadAsync());
        Assert.Equal("train-000001.tar", error.File);
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
        var opened = await ShardDataset.OpenAsync(dataset.Packed.Store, Token);
        Assert.DoesNotContain(Path.Combine(dataset.Folder, opened.Manifest.Splits["train"].Shards[1].Sha256), dataset.Copies);
        Assert.Empty(dataset.Temporaries);
    }

    [Theory]
    [InlineData("train-000001.tar", "is missing")]
    [InlineData("train-000001.idx", "is missing")]
    [InlineData("train-000002.sum", "is missing")]
    public async Task FileMissingInTheStore_IsNamed(string name, string said)
    {
        using var dataset = await CachedDataset.PackAsync(20);
        File.Delete(dataset.Packed[name]);
        var error = await Assert.ThrowsAsync<ShardCorruptException>(() => dataset.ReadAsync());
        Assert.Equal(name, error.File);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoDatasetsOfTheSameNames_ShareACacheWithoutMeeting()
    {
        using var dataset = await CachedDataset.PackAsync(20);
        using var other = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 23 });
        var expected = (await Delivered.ReadAsync((await RunDataLoader.OpenAsync(other.Config(), Token)).Training.ReadEpochAsync(0, 0, Token))).Hash;
        await dataset.ReadAsync();
        var streams = await RunDataLoader.OpenAsync(other.Config(), other.Store, dataset.Host(), Token);
        Assert.Equal(expected, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token))).Hash);
        Assert.Equal((await dataset.ReadUncachedAsync()).Hash, (await dataset.ReadAsync()).Hash);
    }

    [Fact]
    public async Task WindowLargerThanTheCache_IsRefusedWithBothNumbersAndTheRemedies()
    {
        using var dataset = await CachedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 60 }, 600_000);
        var error = await Assert.ThrowsAsync<CacheTooSmallException>(() => dataset.OpenAsync(dataset.Host(1 << 20)));
        Assert.Contains("dataset.train.shuffle_shards: 3 shards", error.Message, StringComparison.Ordinal);
        Assert.Contains("up to 2 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("holds 1 MiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("CHANGEDETECTION_CACHE__SHARDS_MB to 2 or more", error.Message, StringComparison.Ordinal);
        Assert.Matches("lower dataset.train.shuffle_shards to [12] ", error.Message);
        Assert.Empty(Directory.Exists(dataset.Folder) ? dataset.Copies : []);
    }

    [Fact]
    public async Task FolderThatCannotBeMade_IsToldOnce_AndTheStoreIsRead()
    {
        using var dataset = await CachedDataset.PackAsync(20);
        var blocked = Path.Combine(dataset.Packed["dataset.json"], "cache");
        Assert.Equal((await dataset.ReadUncachedAsync()).Hash, (await dataset.ReadAsync(host: dataset.Host(folder: blocked))).Hash);
        var (type, detail) = Assert.Single(dataset.Events);
        Assert.Equal("shard-cache-off", type);
        Assert.Contains(blocked, detail, StringComparison.Ordinal);
        Assert.Contains("CHANGEDETECTION_CACHE__FOLDER", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FullDisk_IsToldOnce_AndTheStoreIsRead_AndNothingHalfWrittenStays()
    {
        using var dataset = await CachedDataset.PackAsync(50);
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.MountOrSkip(folder["disk"], 100_000);
        var host = dataset.Host(folder: Path.Combine(disk.Path, "cache"));
        Assert.Equal((await dataset.ReadUncachedAsync()).Hash, (await dataset.ReadAsync(host: host)).Hash);
        var (type, detail) = Assert.Single(dataset.Events);
        Assert.Equal("shard-cache-full", type);
        Assert.Contains("train-0000", detail, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(disk.Path, "cache", ".tmp~")));
    }

    [Fact]
    public async Task NextWindow_IsFetchedWhileThePresentOneIsRead_WithinTheCachesBytes()
    {
        using var dataset = await CachedDataset.PackAsync(120);
        var streams = await dataset.OpenAsync();
        var shards = streams.Manifest.Splits["train"].Shards;
        await using (var batches = streams.Training.ReadEpochAsync(0, 0, Token).GetAsyncEnumerator(Token))
        {
            Assert.True(await batches.MoveNextAsync());
            batches.Current.Dispose();
            // Three are in use; three more are ahead.
            await Eventually.TrueAsync("the next window is there", () => Task.FromResult(streams.Counters.CacheMisses >= 6), TimeSpan.FromSeconds(20));
        }
        var room = shards.Select(shard => shard.Bytes).OrderDescending().Take(4).Sum() + 20_000;
        Directory.Delete(dataset.Folder, recursive: true);
        streams = await dataset.OpenAsync(dataset.Host(room));
        await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
        {
            batch.Dispose();
            Assert.InRange(dataset.Taken, 0, room);
        }
        Assert.Empty(dataset.Events);
        Assert.Equal(shards.Count, streams.Counters.CacheMisses);
    }
}
