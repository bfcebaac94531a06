using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Data.Shards.Cache;

namespace ChangeDetection.Worker.Tests.Data.Shards.Cache;

/// <summary>A small data set, a cache folder of its own, and what the streams between them said and read.</summary>
internal sealed class CachedDataset : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private CachedDataset(PackedDataset packed) => (Packed, Store) = (packed, new WatchedStore(packed.Store));

    public PackedDataset Packed { get; }
    public WatchedStore Store { get; }
    public List<(string Type, string Detail)> Events { get; } = [];
    public string Folder => _folder["cache"];

    /// <summary>Copies of shards and of their sidecars; temporary files have a folder of their own.</summary>
    public IEnumerable<string> Copies => Directory.EnumerateFiles(Folder);
    public IEnumerable<string> Temporaries => Directory.Exists(Path.Combine(Folder, ".tmp~")) ? Directory.EnumerateFiles(Path.Combine(Folder, ".tmp~")) : [];
    /// <summary>By the folder's own listing: a file may go at any moment.</summary>
    public long Taken => new DirectoryInfo(Folder).EnumerateFiles().Sum(Length);

    public static async Task<CachedDataset> PackAsync(int samples) => new(await PackedDataset.PackAsync(samples));

    public static async Task<CachedDataset> PackAsync(IReadOnlyDictionary<string, int> splits, long shardBytes) =>
        new(await PackedDataset.PackAsync(splits, _ => (128, 128), shardBytes: shardBytes));

    public LoaderEnvironment Host(long bytes = 1 << 30, string? folder = null) =>
        new(new ShardCacheSettings(folder ?? Folder, bytes, OfAllStores: true), (type, detail) => { lock (Events) Events.Add((type, detail)); });

    /// <summary>Streams by way of the cache.</summary>
    public Task<RunDataLoader> OpenAsync(LoaderEnvironment? host = null, IObjectStore? store = null, int? samplesPerEpoch = null) =>
        RunDataLoader.OpenAsync(Packed.Config(samplesPerEpoch: samplesPerEpoch), store ?? Store, host ?? Host(), TestContext.Current.CancellationToken);

    /// <summary>One epoch by way of the cache, in streams of its own as a trainer's.</summary>
    public async Task<Delivered> ReadAsync(int epoch = 0, LoaderEnvironment? host = null) =>
        await Delivered.ReadAsync((await OpenAsync(host)).Training.ReadEpochAsync(epoch, 0, TestContext.Current.CancellationToken));

    /// <summary>The same epoch without one.</summary>
    public async Task<Delivered> ReadUncachedAsync(int epoch = 0)
    {
        var streams = await RunDataLoader.OpenAsync(Packed.Config(), TestContext.Current.CancellationToken);
        return await Delivered.ReadAsync(streams.Training.ReadEpochAsync(epoch, 0, TestContext.Current.CancellationToken));
    }

    private static long Length(FileInfo copy)
    {
        try
        {
            return copy.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    public void Dispose()
    {
        Packed.Dispose();
        _folder.Dispose();
    }
}
