using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Tests.Training;

public sealed class LoaderDiagnosisTests
{
    private const long Samples = 100;

    /// <summary>A loader on a busy machine of two cores.</summary>
    private static readonly LoaderSetup s_setup = new(
        DatasetPlace.Disk, CacheBytes: null, DatasetBytes: 1000, Samples, KeepsDecoded: true, Decoders: 1, ComputeThreads: 2, Cores: 2);

    [Theory]
    [InlineData(DatasetPlace.Disk, null, 0, 0, LoaderRemedy.Disk)]
    [InlineData(DatasetPlace.NetworkFolder, null, 0, 0, LoaderRemedy.CacheOfFolders)]
    [InlineData(DatasetPlace.Remote, null, 0, 0, LoaderRemedy.Cache)]
    [InlineData(DatasetPlace.Remote, 999L, 0, 5, LoaderRemedy.CacheSize)]
    [InlineData(DatasetPlace.Remote, 1000L, 0, 5, LoaderRemedy.CacheFilling)]
    [InlineData(DatasetPlace.NetworkFolder, 1000L, 6, 5, LoaderRemedy.CacheDisk)]
    public void Storage_IsHelpedWhereItsBytesComeFrom(DatasetPlace place, long? cache, int hits, int misses, LoaderRemedy expected)
    {
        var counters = new LoaderCounters();
        for (var opening = 0; opening < hits + misses; opening++)
            counters.AddOpening(hit: opening < hits);
        Assert.Equal(expected, LoaderDiagnosis.Of(LoaderWait.Storage, s_setup with { Place = place, CacheBytes = cache }, counters));
    }

    [Theory]
    [InlineData(4, true, 0, 0, LoaderRemedy.Decoders)]
    [InlineData(3, true, 50, 0, LoaderRemedy.SecondEpoch)]
    [InlineData(2, false, 50, 0, LoaderRemedy.DecodedCache)]
    [InlineData(2, true, 300, 100, LoaderRemedy.DecodedCacheSize)]
    [InlineData(2, true, 300, 200, LoaderRemedy.RawPixels)]
    [InlineData(2, null, 50, 0, LoaderRemedy.RawPixels)]
    public void Decoding_IsHelpedByWhatIsNotThereYet(int cores, bool? keepsDecoded, int samples, int decodedHits, LoaderRemedy expected)
    {
        var counters = new LoaderCounters();
        for (var sample = 0; sample < samples; sample++)
            counters.Delivered();
        for (var hit = 0; hit < decodedHits; hit++)
            counters.DecodedHit();
        Assert.Equal(expected, LoaderDiagnosis.Of(LoaderWait.Decoding, s_setup with { Cores = cores, KeepsDecoded = keepsDecoded }, counters));
    }
}
