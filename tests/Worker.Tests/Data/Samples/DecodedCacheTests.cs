using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Tests.Data.Samples;

[Needs(Resource.Processes)]
public sealed class DecodedCacheTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DecodedCacheKind.Memory)]
    [InlineData(DecodedCacheKind.Disk)]
    [InlineData(DecodedCacheKind.Auto)]
    public async Task SecondEpoch_WithRoomForAll_ReadsNoShard(DecodedCacheKind kind)
    {
        using var dataset = await PackedDataset.PackAsync(50);
        using var scratch = new TemporaryFolder();
        var store = new WatchedStore(dataset.Store);
        var config = With(dataset.Config(decoders: 2), kind);
        using var streams = await RunDataLoader.OpenAsync(config, store, Host(OnDisk(scratch), Fail), Token);
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        var (reads, bytes) = (store.Reads, streams.Counters.BytesRead);
        var second = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token));
        Assert.Equal(50, second.Keys.Distinct().Count());
        Assert.Equal((reads, bytes), (store.Reads, streams.Counters.BytesRead));
        Assert.Equal((50, 100), (streams.Counters.DecodedHits, streams.Counters.Samples));
    }

    [Fact]
    public async Task Splits_OfSeveralSizesAndTypes_AreDeliveredAsWithoutACache()
    {
        foreach (var raw in new[] { false, true })
        {
            using var dataset = await PackedDataset.PackAsync(
                new Dictionary<string, int> { ["train"] = 20, ["val"] = 12 }, i =>
                    i % 3 == 0 ? (33, 47) : (64, 40), channels: 4 - (raw ? 0 : 1), raw: raw, shardBytes: 150_000);
            var hashes = new HashSet<string>();
            foreach (var kind in Enum.GetValues<DecodedCacheKind>())
            {
                foreach (var normalize in new[] { Normalization.Image, Normalization.Dataset })
                {
                    using var streams = await RunDataLoader.OpenAsync(With(dataset.Config(channels: raw ? 4 : 3), kind) with { Normalize = normalize }, Token);
                    var hash = normalize.ToString();
                    for (var epoch = 0; epoch < 3; epoch++)
                    {
                        hash += (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(epoch, 0, Token))).Hash;
                        hash += (await Delivered.ReadAsync(streams.ReadSplitAsync("val", 5, Token))).Hash;
                    }
                    hashes.Add(hash);
                    Assert.Equal(kind == DecodedCacheKind.Off ? 0 : 64, streams.Counters.DecodedHits);
                }
            }
            Assert.Equal(2, hashes.Count);
        }
    }

    [Fact]
    public async Task CropOfALargeImage_ReadsAFewBandsOfItsRows()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 4 }, _ => (1024, 512), shardBytes: 10 << 20);
        using var streams = await RunDataLoader.OpenAsync(With(dataset.Config(crop: 32, readAheadMb: 8), DecodedCacheKind.Disk), Token);
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        var before = streams.Counters.DecodedBytesRead;
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token));
        Assert.Equal(4, streams.Counters.DecodedHits);
        // Whole, a sample has 3.7 MB. A crop of 32 rows lies in at most two bands of 64 KiB of each plane.
        Assert.InRange((streams.Counters.DecodedBytesRead - before) / 4, 32 * 512 * 7, 3 * 2 * (64 << 10) + 2000);
    }

    [Fact]
    public async Task BitFlipInTheFile_IsDecodedAnewAndTold()
    {
        using var dataset = await PackedDataset.PackAsync(30);
        var expected = await Delivered.ReadAsync((await RunDataLoader.OpenAsync(dataset.Config(), Token)).Training.ReadEpochAsync(1, 0, Token));
        using var scratch = new TemporaryFolder();
        var told = new List<string>();
        using var streams = await RunDataLoader.OpenAsync(
            With(dataset.Config(decoders: 3), DecodedCacheKind.Disk), dataset.Store,
            Host(scratch.Path, text => { lock (told) told.Add(text); }), Token);
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Path));
        // A record of 32x32 has 7 kB and a header: every third of 30 is hit, somewhere else each time.
        using (var file = OpenWithoutAName(scratch.Path))
        {
            for (var at = 0L; at < file.Length; at += file.Length / 10 + 1)
            {
                file.Position = at;
                var value = file.ReadByte();
                file.Position = at;
                file.WriteByte((byte)(value ^ 4));
            }
        }
        Assert.Equal(expected.Hash, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token))).Hash);
        Assert.Equal((10, 10, 20), (told.Count, (int)streams.Counters.DecodedDamaged, (int)streams.Counters.DecodedHits));
        Assert.All(told, text => Assert.Contains("decoded anew", text, StringComparison.Ordinal));
        // What was decoded anew was recorded anew.
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(2, 0, Token));
        Assert.Equal((10, 50), ((int)streams.Counters.DecodedDamaged, (int)streams.Counters.DecodedHits));
    }

    [Fact]
    public async Task FileCutShort_IsDecodedAnew()
    {
        using var dataset = await PackedDataset.PackAsync(20);
        var expected = await Delivered.ReadAsync((await RunDataLoader.OpenAsync(dataset.Config(), Token)).Training.ReadEpochAsync(1, 0, Token));
        using var scratch = new TemporaryFolder();
        using var streams = await RunDataLoader.OpenAsync(With(dataset.Config(), DecodedCacheKind.Disk), dataset.Store, Host(scratch.Path, _ => { }), Token);
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        using (var file = OpenWithoutAName(scratch.Path))
            file.SetLength(file.Length / 2);
        Assert.Equal(expected.Hash, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token))).Hash);
        Assert.InRange(streams.Counters.DecodedDamaged, 9, 11);
    }

    [Fact]
    public async Task DiskThatRunsFull_KeepsWhatIsThereAndSaysSoOnce()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 30 }, _ => (160, 160), shardBytes: 2 << 20);
        var expected = await Delivered.ReadAsync((await RunDataLoader.OpenAsync(dataset.Config(), Token)).Training.ReadEpochAsync(1, 0, Token));
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.MountOrSkip(folder["small"], 64 << 20);
        var told = new List<string>();
        using var streams = await RunDataLoader.OpenAsync(
            With(dataset.Config(decoders: 2), DecodedCacheKind.Disk), dataset.Store, Host(disk.Path, text => { lock (told) told.Add(text); }), Token);
        disk.Resize(1 << 20);
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        Assert.Equal(expected.Hash, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token))).Hash);
        Assert.Contains("does not grow any more", Assert.Single(told), StringComparison.Ordinal);
        Assert.InRange(streams.Counters.DecodedHits, 3, 6);
    }

    [Fact]
    public async Task CropsChosenByTheirChange_ReadTheRowsOfTheMaskThatTheyTouch()
    {
        const int Height = 512, Width = 2048, Crop = 16, Band = 64 << 10;
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 3 }, _ => (Height, Width), raw: true, shardBytes: 64 << 20);
        var config = With(dataset.Config(crop: Crop, readAheadMb: 64), DecodedCacheKind.Memory);
        // No crop is changed all over, so each sample's every try is looked at.
        config = config with { Dataset = config.Dataset with { Train = config.Dataset.Train with { CropMinChange = 1 } } };
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token));
        var warm = await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token));

        using var cold = await RunDataLoader.OpenAsync(With(config, DecodedCacheKind.Off), Token);
        Assert.Equal((await Delivered.ReadAsync(cold.Training.ReadEpochAsync(1, 0, Token))).Hash, warm.Hash);
        Assert.Equal(3, streams.Counters.DecodedHits);
        // A crop touches two bands of a mask at most, and of a date its own rows and a band more at either end; a sample is 13.6 MB.
        var most = (Augmenter.Tries + 1) * 2 * Band + 2 * (Crop * Width * 3 * sizeof(ushort) + 2 * Band);
        Assert.InRange(streams.Counters.DecodedBytesRead, 1, 3 * (most + 10_000));
    }

    [Fact]
    public async Task FolderThatTakesNoFile_TrainsWithoutACacheAndSaysSo()
    {
        using var dataset = await PackedDataset.PackAsync(10);
        var told = new List<string>();
        using var streams = await RunDataLoader.OpenAsync(With(dataset.Config(), DecodedCacheKind.Disk), dataset.Store, Host("/proc", told.Add), Token);
        Assert.Contains(ScratchFolder.Variable, Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(10, (await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 0, Token))).Keys.Count());
    }

    [Fact]
    public async Task Auto_WhereDataIsReadOnceOrScratchIsMemory_KeepsNothing()
    {
        using var dataset = await PackedDataset.PackAsync(10);
        var once = With(dataset.Config(), DecodedCacheKind.Auto);
        once = once with { Train = once.Train with { Epochs = 1 } };
        using var scratch = new TemporaryFolder();
        foreach (var (config, folder) in new[] { (once, scratch.Path), (With(dataset.Config(), DecodedCacheKind.Auto), "/dev/shm") })
        {
            using var streams = await RunDataLoader.OpenAsync(config, dataset.Store, Host(folder, Fail), Token);
            for (var epoch = 0; epoch < 2; epoch++)
                await Delivered.ReadAsync(streams.Training.ReadEpochAsync(epoch, 0, Token));
            Assert.Equal(0, streams.Counters.DecodedHits);
        }
    }

    [Fact]
    public async Task TooLittleRoom_IsLeftToWhatIsTrainedOn()
    {
        // 32 samples of 180 kB to train on and 8 to validate by: a cache of 6 MiB holds the first and three of the others at most.
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = 32, ["val"] = 8 }, _ => (160, 160), shardBytes: 2 << 20);
        var config = With(dataset.Config(readAheadMb: 4), DecodedCacheKind.Memory);
        config = config with { Loader = config.Loader with { DecodedCacheMb = 6 } };
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        // Resumed behind the middle of an epoch: the validation comes while most of the training split is not there yet.
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(0, 20, Token));
        await Delivered.ReadAsync(streams.ReadSplitAsync("val", 4, Token));
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(1, 0, Token));
        var hits = streams.Counters.DecodedHits;
        await Delivered.ReadAsync(streams.Training.ReadEpochAsync(2, 0, Token));
        Assert.Equal(hits + 32, streams.Counters.DecodedHits);
        await Delivered.ReadAsync(streams.ReadSplitAsync("val", 4, Token));
        Assert.InRange(streams.Counters.DecodedHits - hits - 32, 1, 3);
    }

    private static ExperimentConfig With(ExperimentConfig config, DecodedCacheKind kind) => config with { Loader = config.Loader with { DecodedCache = kind } };

    /// <summary>A folder that is no memory, for the automatic choice.</summary>
    private static string OnDisk(TemporaryFolder scratch) => new DriveInfo(scratch.Path).DriveFormat == "tmpfs" ? "/var/tmp" : scratch.Path;

    private static void Fail(string warning) => Assert.Fail(warning);

    /// <summary>The cache's file, which has no name, by way of this process's open files.</summary>
    private static FileStream OpenWithoutAName(string folder)
    {
        var descriptor = Directory.GetFiles("/proc/self/fd").Single(entry => new FileInfo(entry).LinkTarget is { } target
            && target.StartsWith(folder, StringComparison.Ordinal) && target.EndsWith("(deleted)", StringComparison.Ordinal));
        return new FileStream(descriptor, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
    }

    private static LoaderEnvironment Host(string scratch, Action<string> warned) => new(Cache: null, (_, text) => warned(text)) { ScratchFolder = scratch };
}
