using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Worker.Data;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Tests.Training;

public sealed class LoaderReportTests
{
    private readonly HandClock _time = new();
    private readonly LoaderCounters _counters = new();

    [Fact]
    public void RecentWait_IsTheShareOfTheLastHalfMinute_AndSaysWhatFor()
    {
        var report = new LoaderReport(_counters, _time);
        Assert.Equal(new LoaderFigures(), report.Figures(0));
        // A minute of waiting for bytes half of the time …
        for (var second = 0; second < 60; second++)
            Pass(report, wait: 0.5, forDecoding: false);
        var figures = report.Figures(12);
        Assert.Equal((12, 30, LoaderWait.Storage), (figures.SamplesPerSecond, figures.WaitSeconds, figures.WaitsFor));
        Assert.Equal(0.5, figures.RecentWait, 3);
        Assert.True(figures.IsBottleneck);
        // … and a minute of waiting for decoders a tenth of it.
        for (var second = 0; second < 60; second++)
            Pass(report, wait: 0.1, forDecoding: true);
        figures = report.Figures(12);
        Assert.Equal(36, figures.WaitSeconds, 3);
        Assert.Equal(0.1, figures.RecentWait, 3);
        Assert.Equal(LoaderWait.Decoding, figures.WaitsFor);
        Assert.False(figures.IsBottleneck);
    }

    [Fact]
    public void FirstBatch_OfAStream_IsWaitedFor_AndIsNoBottleneck()
    {
        var report = new LoaderReport(_counters, _time);
        _time.Seconds += 8;
        report.Waited(TimeSpan.FromSeconds(8), first: true);
        var figures = report.Figures(1);
        Assert.Equal((8, 0, 0, null), (figures.WaitSeconds, figures.RecentWait, figures.RecentWaitSeconds, figures.WaitsFor));
        Assert.False(figures.IsBottleneck);
    }

    [Fact]
    public void Wait_OfALargePartOfLittleTime_IsNoBottleneckYet()
    {
        var report = new LoaderReport(_counters, _time);
        // Counted from the first figures on, which came after the first second.
        for (var second = 0; second < 7; second++)
            Pass(report, wait: 0.8, forDecoding: false);
        Assert.Equal(0.8, report.Figures(1).RecentWait, 3);
        Assert.False(report.Figures(1).IsBottleneck);
        Pass(report, wait: 0.8, forDecoding: false);
        Assert.True(report.Figures(1).IsBottleneck);
    }

    [Fact]
    public void Remedy_IsToldOfABottleneckAlone()
    {
        _counters.Setup = new LoaderSetup(DatasetPlace.Disk, null, 1, 1, true, 1, 1, 2);
        var report = new LoaderReport(_counters, _time);
        Pass(report, wait: 1, forDecoding: false);
        Assert.Null(report.Figures(1).Remedy);
        for (var second = 0; second < 5; second++)
            Pass(report, wait: 1, forDecoding: false);
        Assert.Equal(LoaderRemedy.Disk, report.Figures(1).Remedy);
    }

    [Fact]
    public void Figures_AreThoseOfTheStreams()
    {
        _counters.AddBytes(1000);
        _counters.AddOpening(hit: true);
        _counters.AddOpening(hit: false);
        _counters.AddOpening(hit: false);
        var figures = new LoaderReport(_counters, _time).Figures(1);
        Assert.Equal((1000, 1, 2, null), (figures.BytesRead, figures.CacheHits, figures.CacheMisses, figures.WaitsFor));
    }

    private void Pass(LoaderReport report, double wait, bool forDecoding)
    {
        _time.Seconds += 1;
        report.Waited(TimeSpan.FromSeconds(wait), first: false);
        _counters.AddWait((long)(wait * System.Diagnostics.Stopwatch.Frequency), forDecoding);
        report.Figures(0);
    }

    private sealed class HandClock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
