using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Retention;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Runs.Retention;

/// <summary>An archived experiment is out of sight, and keeps the best weights and everything that people read.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class ArchiveTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Archive_KeepsTheBestWeights_AndReleasesTheRest_OutOfTheListings()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (archived, other) = (await PublishedRun.MakeAsync(database, 3, 70, best: 2), await PublishedRun.MakeAsync(database, 3, 70));
        await archived.SetAsync("succeeded", "all");
        await other.SetAsync("succeeded");
        var disposal = new RunDisposal(database.DataSource);
        // Two checkpoints of 100 bytes, and the optimizer of the third.
        var planned = Assert.Single((await disposal.ArchiveAsync([archived.Experiment], dryRun: true, Token)).Experiments);
        Assert.Equal((270L, false, 1), (planned.Bytes, planned.WasSo, planned.Runs));
        Assert.Equal(3, (await archived.ListAsync()).Count);

        Assert.Equal(planned, Assert.Single((await disposal.ArchiveAsync([archived.Experiment], dryRun: false, Token)).Experiments));

        var kept = Assert.Single(await archived.ListAsync());
        Assert.Equal((2L, true, false), (kept.Step, kept.Best, kept.Resumable));
        Assert.Equal(2, (await new ArtifactStore(database.DataSource).ListAsync(archived.Id, Token)).Count);
        Assert.Equal(3, (await new MetricStore(database.DataSource).ListAsync(archived.Id, null, Token)).Count);
        Assert.Equal(3, (await other.ListAsync()).Count);
        var runs = new RunStore(database.DataSource);
        Assert.Equal([other.Id], (await runs.ListAsync(new RunFilter(Archived: false), Token)).Select(run => run.Id));
        Assert.Equal([(archived.Id, true)], (await runs.ListAsync(new RunFilter(Archived: true), Token)).Select(run => (run.Id, run.Archived)));
        Assert.Equal(2, (await runs.ListAsync(new RunFilter(), Token)).Count);
        Assert.True(Assert.Single((await disposal.ArchiveAsync([archived.Experiment], dryRun: false, Token)).Experiments).WasSo);

        Assert.False(Assert.Single((await disposal.UnarchiveAsync([archived.Experiment], Token)).Experiments).WasSo);

        Assert.Equal(2, (await runs.ListAsync(new RunFilter(Archived: false), Token)).Count);
        Assert.Single(await archived.ListAsync());
    }

    [Fact]
    public async Task Archive_OfARunWithoutABest_KeepsTheNewest()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await PublishedRun.MakeAsync(database, 3, 70, best: 0);
        await run.SetAsync("cancelled");

        await new RunDisposal(database.DataSource).ArchiveAsync([run.Experiment], dryRun: false, Token);

        Assert.Equal(3, Assert.Single(await run.ListAsync()).Step);
    }

    [Fact]
    public async Task Archive_OfWhatHasNotEnded_OrIsBeingRead_IsRefused_AndChangesNothing()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (running, source) = (await PublishedRun.MakeAsync(database, 1), await PublishedRun.MakeAsync(database, 1));
        var reader = await PublishedRun.MakeAsync(database, 0);
        await source.SetAsync("succeeded");
        await reader.ExecuteAsync($"update runs set source_run = '{source.Id}' where id = @Id");
        await reader.SetAsync("queued");
        var disposal = new RunDisposal(database.DataSource);

        var refused = await disposal.ArchiveAsync([running.Experiment, source.Experiment, source.Id, reader.Id], dryRun: false, Token);

        Assert.Empty(refused.Experiments);
        Assert.Contains(refused.Refusals, one => one.Run == running.Id && one.Words.Contains("is running", StringComparison.Ordinal));
        Assert.Contains(refused.Refusals, one => one.Run == source.Id && one.Words.Contains($"{reader.Id}", StringComparison.Ordinal));
        Assert.Contains(refused.Refusals, one => one.Run is null && one.Words.Contains($"archived as a whole: {source.Experiment}", StringComparison.Ordinal));
        Assert.Empty(await new RunStore(database.DataSource).ListAsync(new RunFilter(Archived: true), Token));
    }

    [Fact]
    public async Task Retry_OfAnArchivedRun_SaysToBringItBackFirst()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = await PublishedRun.MakeAsync(database, 1);
        await run.SetAsync("failed");
        var disposal = new RunDisposal(database.DataSource);
        await disposal.ArchiveAsync([run.Experiment], dryRun: false, Token);
        var actions = new RunActionStore(database.DataSource);

        var refused = await actions.ApplyAsync(RunAction.Retry, run.Id, Token);
        Assert.False(refused!.Granted);
        Assert.Contains($"changedetection unarchive {run.Experiment}", refused.Words, StringComparison.Ordinal);
        Assert.Empty(RunActions.Possible((await new RunStore(database.DataSource).FindAsync(run.Id, Token))!));

        await disposal.UnarchiveAsync([run.Experiment], Token);
        Assert.True((await actions.ApplyAsync(RunAction.Retry, run.Id, Token))!.Granted);
    }
}
