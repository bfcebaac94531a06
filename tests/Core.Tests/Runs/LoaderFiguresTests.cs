using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Runs;

public sealed class LoaderFiguresTests(PostgresServer server)
{
    private static readonly LoaderFigures s_figures = new()
    {
        SamplesPerSecond = 41.5, WaitSeconds = 12.25, RecentWait = 0.375, WaitsFor = LoaderWait.Storage, BytesRead = 5_000_000_000, CacheHits = 7, CacheMisses = 3, DecodedHits = 9,
    };

    [Fact]
    public async Task Progress_OfAnAttempt_IsReadBackFromItsRowAndItsRuns_AndTheNextAttemptBeginsWithNone()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        var attempts = new AttemptStore(database.DataSource, new LeaseSettings());
        var runs = new RunStore(database.DataSource);
        var claim = await ClaimAsync(database, run);
        Assert.Null((await runs.FindAsync(run, default))!.Loader);
        await using (var fence = await FencedTransaction.BeginAsync(database.DataSource, claim, default))
        {
            await ProgressStore.SetAsync(fence, new RunProgress(1, 2, 3, 0.5, 4, s_figures), default);
            await fence.CommitAsync(default);
        }

        var found = (await runs.FindAsync(run, default))!;
        Assert.Equal(s_figures, LoaderFigures.FromJson(found.Loader));
        Assert.Equal((41.5, 12.25), (found.SamplesPerSecond, found.DataWaitSeconds));
        Assert.Equal(s_figures, LoaderFigures.FromJson(Assert.Single(await runs.ListAsync(new RunFilter(), default), row => row.Id == run).Loader));

        await attempts.EndAsync(claim, AttemptEnding.Preempted, "drained", true, default);
        await ClaimAsync(database, run);
        Assert.Null((await runs.FindAsync(run, default))!.Loader);
        Assert.Equal([s_figures, null], (await attempts.ListAsync(run, default)).Select(attempt => LoaderFigures.FromJson(attempt.Loader)));
    }

    [Fact]
    public void Json_HasTheKeysThatScriptsRelyOn() => Assert.Equal(
        """{"samples_per_second":41.5,"wait_seconds":12.25,"recent_wait":0.375,"waits_for":"storage","bytes_read":5000000000,"cache_hits":7,"cache_misses":3,"decoded_hits":9}""",
        s_figures.ToJson());

    [Fact]
    public void Advice_OfALoaderThatKeepsUp_IsNone()
    {
        Assert.Null(LoaderAdvice.Of(null));
        Assert.Null(LoaderAdvice.Of(s_figures with { RecentWait = LoaderFigures.WorthAWord }));
    }

    [Theory]
    [InlineData(LoaderWait.Decoding, 0, 0, "decoded images. Raise loader.decoders or loader.decoded_cache_mb, or pack the data set with --encoding raw")]
    [InlineData(LoaderWait.Storage, 0, 0, "bytes from storage. Raise loader.read_ahead_mb, or keep shards on the worker's disk (CHANGEDETECTION_CACHE__STORES=all)")]
    [InlineData(LoaderWait.Storage, 2, 40, "raise CHANGEDETECTION_CACHE__SHARDS_MB")]
    [InlineData(LoaderWait.Storage, 40, 2, "CHANGEDETECTION_CACHE__FOLDER")]
    public void Advice_OfABottleneck_NamesTheSettingThatHelps(LoaderWait waitsFor, long hits, long misses, string said)
    {
        var advice = LoaderAdvice.Of(s_figures with { WaitsFor = waitsFor, CacheHits = hits, CacheMisses = misses })!;
        Assert.StartsWith("The loader holds training up: 38 % of the last half-minute", advice, StringComparison.Ordinal);
        Assert.Contains(said, advice, StringComparison.Ordinal);
    }

    private static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        (await new LeaseStore(database.DataSource, new LeaseSettings()).ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), default))!;
}
