using System.Globalization;

namespace ChangeDetection.Core.Runs;

/// <summary>What to tell people of a loader that holds training up, and which setting helps: the same words on a run's page and on the command line.</summary>
public static class LoaderAdvice
{
    /// <summary>One line; null while the loader keeps up.</summary>
    public static string? Of(LoaderFigures? figures)
    {
        if (figures is not { IsBottleneck: true })
            return null;
        var share = string.Create(CultureInfo.InvariantCulture, $"The loader holds training up: {figures.RecentWait * 100:0} % of the last half-minute went by waiting for");
        return figures.WaitsFor is LoaderWait.Decoding
            ? $"{share} decoded images. Raise loader.decoders or loader.decoded_cache_mb, or pack the data set with --encoding raw."
            : $"{share} bytes from storage. {Storage(figures)}";
    }

    private static string Storage(LoaderFigures figures) => figures switch
    {
        { CacheHits: 0, CacheMisses: 0 } => "Raise loader.read_ahead_mb, or keep shards on the worker's disk (CHANGEDETECTION_CACHE__STORES=all).",
        { CacheMisses: var misses, CacheHits: var hits } when misses > hits =>
            "The shard cache is still filling, or smaller than the data set: raise CHANGEDETECTION_CACHE__SHARDS_MB on the worker.",
        _ => "Raise loader.read_ahead_mb, or put the shard cache on a faster disk (CHANGEDETECTION_CACHE__FOLDER).",
    };
}
