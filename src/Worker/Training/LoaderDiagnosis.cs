using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Training;

/// <summary>What would help a loader that holds its run up: a function of what is waited for, of how the loader is set up, and of what it has done.</summary>
internal static class LoaderDiagnosis
{
    /// <summary>So many decoded anew, in samples of the data set, are more than a first sight of each.</summary>
    private const double ManyTimes = 1.25;

    public static LoaderRemedy Of(LoaderWait waitsFor, LoaderSetup setup, LoaderCounters counters) =>
        waitsFor is LoaderWait.Decoding ? OfDecoding(setup, counters) : OfStorage(setup, counters);

    private static LoaderRemedy OfDecoding(LoaderSetup setup, LoaderCounters counters) => setup switch
    {
        { Cores: var cores, ComputeThreads: var threads, Decoders: var decoders } when cores > threads + decoders => LoaderRemedy.Decoders,
        { KeepsDecoded: false } => LoaderRemedy.DecodedCache,
        { KeepsDecoded: true } when counters.DecodedHits == 0 => LoaderRemedy.SecondEpoch,
        { KeepsDecoded: true } when counters.Samples - counters.DecodedHits > setup.Samples * ManyTimes => LoaderRemedy.DecodedCacheSize,
        _ => LoaderRemedy.RawPixels,
    };

    private static LoaderRemedy OfStorage(LoaderSetup setup, LoaderCounters counters) => setup switch
    {
        { CacheBytes: { } room } when setup.DatasetBytes > room => LoaderRemedy.CacheSize,
        { CacheBytes: not null } when counters.CacheMisses >= counters.CacheHits => LoaderRemedy.CacheFilling,
        { CacheBytes: not null } => LoaderRemedy.CacheDisk,
        { Place: DatasetPlace.Remote } => LoaderRemedy.Cache,
        { Place: DatasetPlace.NetworkFolder } => LoaderRemedy.CacheOfFolders,
        _ => LoaderRemedy.Disk,
    };
}
