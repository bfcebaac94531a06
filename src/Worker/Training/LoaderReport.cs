using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Training;

/// <summary>Adds up the compute thread's waits for data, and computes what share of recent time they were and what for.</summary>
/// <param name="counters">The data loader's; null for batches that come from elsewhere.</param>
public sealed class LoaderReport(LoaderCounters? counters, TimeProvider time)
{
    private static readonly TimeSpan s_recent = TimeSpan.FromSeconds(30);

    private readonly Queue<Mark> _marks = new();
    private readonly long _start = time.GetTimestamp();
    private readonly LoaderCounters _counters = counters ?? new LoaderCounters();
    private TimeSpan _waited;
    private TimeSpan _waitedLater;

    /// <summary>The compute thread waited for data.</summary>
    /// <param name="first">For the first batch of a stream, which starts empty: it counts as waiting, and not as a loader that does not keep up.</param>
    public void Waited(TimeSpan wait, bool first)
    {
        _waited += wait;
        if (!first)
            _waitedLater += wait;
    }

    /// <summary>The figures at this moment. The recent ones go back to the first call of the last half-minute.</summary>
    public LoaderFigures Figures(double samplesPerSecond)
    {
        var now = new Mark(time.GetElapsedTime(_start), _waitedLater, _counters.WaitedForStorage, _counters.WaitedForDecoding);
        while (_marks.Count > 1 && now.At - _marks.Peek().At > s_recent)
            _marks.Dequeue();
        var then = _marks.TryPeek(out var oldest) ? oldest : default;
        _marks.Enqueue(now);
        var (span, waited) = (now.At - then.At, now.Waited - then.Waited);
        var figures = new LoaderFigures
        {
            SamplesPerSecond = samplesPerSecond,
            WaitSeconds = _waited.TotalSeconds,
            RecentWait = span > TimeSpan.Zero ? Math.Clamp(waited / span, 0, 1) : 0,
            RecentWaitSeconds = waited.TotalSeconds,
            WaitsFor = waited <= TimeSpan.Zero ? null : now.Decoding - then.Decoding > now.Storage - then.Storage ? LoaderWait.Decoding : LoaderWait.Storage,
            BytesRead = _counters.BytesRead,
            CacheHits = _counters.CacheHits,
            CacheMisses = _counters.CacheMisses,
            DecodedHits = _counters.DecodedHits,
        };
        return figures is { IsBottleneck: true, WaitsFor: { } what } && _counters.Setup is { } setup
            ? figures with { Remedy = LoaderDiagnosis.Of(what, setup, _counters) } : figures;
    }

    private readonly record struct Mark(TimeSpan At, TimeSpan Waited, TimeSpan Storage, TimeSpan Decoding);
}
