using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>
/// One data set's shards by way of the cache. When the cache cannot take a shard, the shard is read from its store, and the run's events say so once.
/// </summary>
internal sealed class ShardCopies(ShardCache cache, IObjectStore store, LoaderCounters counters, Action<string, string> tell)
{
    private const string Full = "shard-cache-full";
    private const string Repaired = "shard-repaired";

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    public IShardBytes Stored(ShardManifest shard) => new StoredShard(store, shard.Name, counters);

    /// <exception cref="ShardCorruptException">The store holds something else than the manifest says.</exception>
    public async Task<IShardBytes> OpenAsync(ShardManifest shard, CancellationToken cancellationToken)
    {
        var taken = await OrStoredAsync(shard, () => cache.TakeAsync(Content(shard), Fetch(shard), cancellationToken));
        counters.AddOpening(hit: taken is { Fetched: false });
        return taken is { Copy: var copy } ? new CachedShard(shard, copy, this) : Stored(shard);
    }

    /// <summary>Another copy in the place of a damaged one; null where there is no room for one any more.</summary>
    /// <param name="range">What the damaged one has wrong.</param>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<CachedCopy?> ReplaceAsync(ShardManifest shard, CheckedRange range, ShardCorruptException damage, CancellationToken cancellationToken)
    {
        tell(Repaired, $"The copy '{cache.PathOf(shard.Sha256)}' of {shard.Name} {damage.Problem}. It was dropped, and the shard is fetched again.");
        return (await OrStoredAsync(shard, async () =>
        {
            var fresh = await cache.ReplaceAsync(
                Content(shard), async other => await range.ReadAsync(other, cancellationToken) is null, Fetch(shard), cancellationToken);
            return (fresh, true);
        }))?.Copy;
    }

    private async Task<(CachedCopy Copy, bool Fetched)?> OrStoredAsync(ShardManifest shard, Func<Task<(CachedCopy Copy, bool Fetched)>> take)
    {
        try
        {
            return await take();
        }
        catch (SourceException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
        catch (Exception exception) when (exception is NoRoomException or IOException or UnauthorizedAccessException)
        {
            if (_told.TryAdd(Full, true))
                tell(Full, $"The shard cache cannot take {shard.Name}: {exception.Message.TrimEnd('.')}. What it cannot take is read from {store.Root}. "
                    + $"Give it more room ({ShardCacheSettings.Prefix}{ShardCacheSettings.MegabytesKey}) or another disk " +
                        $"({ShardCacheSettings.Prefix}{ShardCacheSettings.FolderKey}).");
            return null;
        }
    }

    private static CachedContent Content(ShardManifest shard) => new(shard.Sha256, shard.Bytes);

    private ShardCache.Fetch Fetch(ShardManifest shard) => new ShardFetch(store, shard, counters).CopyAsync;
}
