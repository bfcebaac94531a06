using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Runs;

[Needs(Resource.Database, Resource.Processes)]
public sealed class LoaderFiguresTests(PostgresServer server)
{
    private static readonly LoaderFigures s_figures = new()
    {
        SamplesPerSecond = 41.5, WaitSeconds = 12.25, RecentWait = 0.375, RecentWaitSeconds = 11.25, WaitsFor = LoaderWait.Storage,
        Remedy = LoaderRemedy.Disk, BytesRead = 5_000_000_000, CacheHits = 7, CacheMisses = 3, DecodedHits = 9,
    };

    [Fact]
    public async Task Progress_OfAnAttempt_IsReadBackFromItsRowAndItsRuns_AndTheNextAttemptBeginsWithNone()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        var attempts = new AttemptStore(database.DataSource);
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

        await attempts.EndAsync(claim, AttemptEnding.Preempted, "drained", true, new LeaseSettings(), default);
        await ClaimAsync(database, run);
        Assert.Null((await runs.FindAsync(run, default))!.Loader);
        Assert.Equal([s_figures, null], (await attempts.ListAsync(run, default)).Select(attempt => LoaderFigures.FromJson(attempt.Loader)));
    }

    [Fact]
    public void Json_HasTheKeysThatScriptsRelyOn() => Assert.Equal(
        """{"samples_per_second":41.5,"wait_seconds":12.25,"recent_wait":0.375,"recent_wait_seconds":11.25""" +
        ""","waits_for":"storage","remedy":"disk","bytes_read":5000000000,"cache_hits":7,"cache_misses":3,"decoded_hits":9}""",
        s_figures.ToJson());

    [Fact]
    public void Advice_OfALoaderThatKeepsUp_IsNone()
    {
        Assert.Null(LoaderAdvice.Of(null));
        Assert.Null(LoaderAdvice.Of(s_figures with { RecentWait = LoaderFigures.WorthAWord }));
        // A large part of next to nothing: the first steps of every run.
        Assert.Null(LoaderAdvice.Of(s_figures with { RecentWait = 1, RecentWaitSeconds = LoaderFigures.WorthAWordSeconds - 0.1 }));
    }

    [Fact]
    public void Advice_OfABottleneck_SaysHowMuchOfWhatTime_AndWhatHelps()
    {
        Assert.Equal(
            "The loader holds training up: 11 of the last 30 s went by waiting for bytes from storage. The disk under the data set is the limit: " +
                "raise loader.read_ahead_mb, "
            + "or put the data set on a faster disk.", LoaderAdvice.Of(s_figures));
        Assert.Equal(
            "The loader holds training up: 11 of the last 30 s went by waiting for decoded images. Raise loader.decoders: the machine has cores to spare.",
            LoaderAdvice.Of(s_figures with { WaitsFor = LoaderWait.Decoding, Remedy = LoaderRemedy.Decoders }));
        Assert.All(
            Enum.GetValues<LoaderRemedy>(),
            remedy => Assert.EndsWith(".", LoaderAdvice.Of(s_figures with { Remedy = remedy })!.Split("storage. ")[1], StringComparison.Ordinal));
    }

    private static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        (await new LeaseStore(database.DataSource, new LeaseSettings()).ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), default))!;
}
