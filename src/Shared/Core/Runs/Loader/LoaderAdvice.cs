using System.Globalization;

namespace ChangeDetection.Core.Runs.Loader;

/// <summary>What to tell people of a loader that holds training up, and what helps: the same words on a run's page and on the command line.</summary>
public static class LoaderAdvice
{
    /// <summary>One line; null while the loader keeps up.</summary>
    public static string? Of(LoaderFigures? figures) => figures is not { IsBottleneck: true } ? null : string.Create(CultureInfo.InvariantCulture,
        $"The loader holds training up: {figures.RecentWaitSeconds:0} of the last {figures.RecentWaitSeconds / figures.RecentWait:0} s went by " +
            $"waiting for {What(figures)}. {Words(figures.Remedy)}").TrimEnd();

    private static string What(LoaderFigures figures) => figures.WaitsFor is LoaderWait.Decoding ? "decoded images" : "bytes from storage";

    private static string Words(LoaderRemedy? remedy) => remedy switch
    {
        LoaderRemedy.Decoders => "Raise loader.decoders: the machine has cores to spare.",
        LoaderRemedy.DecodedCache => "Keep decoded images from one epoch to the next (loader.decoded_cache: disk), or pack the data set with --encoding raw.",
        LoaderRemedy.DecodedCacheSize => "Raise loader.decoded_cache_mb, which has no room for all decoded images, or pack the data set with --encoding raw.",
        LoaderRemedy.SecondEpoch => "It is the first epoch: decoded images are kept, and the next one waits less.",
        LoaderRemedy.RawPixels => "All cores are busy: pack the data set with --encoding raw, or use a machine with more cores.",
        LoaderRemedy.Cache => "The worker keeps no shards on its disk: give it a shard cache (CHANGEDETECTION_CACHE__SHARDS_MB).",
        LoaderRemedy.CacheSize => "The data set is larger than the shard cache: raise CHANGEDETECTION_CACHE__SHARDS_MB on the worker.",
        LoaderRemedy.CacheFilling => "Shards are being copied to the worker's disk, and are read from there the next time.",
        LoaderRemedy.CacheDisk =>
            "The disk of the shard cache is the limit: raise loader.read_ahead_mb, or put the cache on a faster disk " +
            "(CHANGEDETECTION_CACHE__FOLDER).",
        LoaderRemedy.CacheOfFolders => "The data set lies in a network folder: keep its shards on the worker's disk (CHANGEDETECTION_CACHE__STORES=all).",
        LoaderRemedy.Disk => "The disk under the data set is the limit: raise loader.read_ahead_mb, or put the data set on a faster disk.",
        _ => "",
    };
}
