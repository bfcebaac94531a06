using System.Text.Json;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Tests.Cli;

public sealed class LoaderLinesTests
{
    private static readonly LoaderFigures s_figures = new()
    {
        SamplesPerSecond = 41.8, WaitSeconds = 202, RecentWait = 0.31, RecentWaitSeconds = 9.3, WaitsFor = LoaderWait.Decoding,
        Remedy = LoaderRemedy.DecodedCache, BytesRead = 1_234_567_890, CacheHits = 120, CacheMisses = 16,
    };

    [Fact]
    public void Describe_SaysRateWaitsBytesAndHits_OfACacheWhereThereIsOne()
    {
        Assert.Equal(
            "41.8 samples/s, waited 3 min 22 s for data (31 % of the last half-minute), 1234.6 MB read from storage, shard cache 120 hits and 16 misses",
            LoaderLines.Describe(s_figures));
        Assert.EndsWith("read from storage", LoaderLines.Describe(s_figures with { CacheHits = 0, CacheMisses = 0 }), StringComparison.Ordinal);
    }

    [Fact]
    public void ProgressLine_OfARunThatWaitsForItsLoader_SaysSoAndWhatHelps()
    {
        var run = View(RunState.Running);
        Assert.Contains(
            "The loader holds training up: 9 of the last 30 s went by waiting for decoded images. Keep decoded images",
            RunProgressLines.Describe(run), StringComparison.Ordinal);
        Assert.DoesNotContain("loader", RunProgressLines.Describe(run with { Loader = s_figures with { RecentWait = 0.1 } }), StringComparison.Ordinal);
        Assert.DoesNotContain("loader", RunProgressLines.Describe(View(RunState.Succeeded)), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_HasAnObjectLoaderBesideTheFieldsThatWereThere()
    {
        using var document = JsonDocument.Parse(OutputJson.Write(View(RunState.Running)));
        var loader = document.RootElement.GetProperty("loader");
        Assert.Equal(1_234_567_890, loader.GetProperty("bytes_read").GetInt64());
        Assert.Equal("decoding", loader.GetProperty("waits_for").GetString());
        Assert.Equal(0.31, loader.GetProperty("recent_wait").GetDouble());
        Assert.Equal(41.8, document.RootElement.GetProperty("samples_per_second").GetDouble());
    }

    private static RunDocument View(RunState state) =>
        RunDocument.Of(new Run { Name = "run", State = state, TotalSteps = 10, SamplesPerSecond = 41.8, Loader = s_figures.ToJson() }, metrics: null);
}
