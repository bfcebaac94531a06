using System.Globalization;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>
/// Whether the cache holds what is read together: a training window's shards, and one shard of every other split. With less, each shard would be fetched
/// again for almost every sample of it.
/// </summary>
internal static class CacheCapacityCheck
{
    /// <param name="reads">Splits that are read, and how many shards of each together.</param>
    /// <exception cref="CacheTooSmallException">It does not.</exception>
    public static void Check(ShardDataset dataset, IEnumerable<(string Split, int Window)> reads, long room)
    {
        foreach (var (split, window) in reads)
        {
            var sizes = dataset.Manifest.Splits[split].Shards.Select(shard => shard.Bytes).OrderDescending().Take(window).ToList();
            if (sizes.Sum() > room)
                throw new CacheTooSmallException(Message(sizes, room, dataset));
        }
    }

    private static string Message(List<long> sizes, long room, ShardDataset dataset)
    {
        var need = Megabytes(sizes.Sum());
        var setting = $"{ShardCacheSettings.Prefix}{ShardCacheSettings.MegabytesKey}";
        var what = sizes.Count > 1
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"dataset.train.shuffle_shards: {sizes.Count} shards of {dataset.Store.Root} that are shuffled together have up to {need} MiB")
            : string.Create(CultureInfo.InvariantCulture, $"a shard of {dataset.Store.Root} has {need} MiB");
        var fitting = sizes.TakeWhile((_, index) => sizes.Take(index + 1).Sum() <= room).Count();
        var other = fitting > 0
            ? string.Create(CultureInfo.InvariantCulture, $", or lower dataset.train.shuffle_shards to {fitting} (which mixes less)")
            : ", or pack the data set into smaller shards";
        return string.Create(CultureInfo.InvariantCulture,
            $"{what}, but the shard cache of this machine holds {room >> 20} MiB. Set {setting} to {need} or more there{other}; {setting}=0 reads " +
                $"without a cache.");
    }

    private static long Megabytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}

/// <summary>The shards that are read together are more than the machine's shard cache may hold. Another machine may have a larger one.</summary>
public sealed class CacheTooSmallException(string message) : Exception(message);
