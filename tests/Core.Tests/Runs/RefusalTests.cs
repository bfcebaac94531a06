using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>What a single worker lacks is that worker's fault: the run goes to another, and not round for ever.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RefusalTests(PostgresServer server)
{
    private static readonly LeaseSettings s_lease = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refused_RunCostsNothing_AndIsLeftToOtherWorkers()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        var (blind, seeing) = (Guid.NewGuid(), Guid.NewGuid());

        Assert.Equal(RunState.Queued, await RefuseAsync(database, await ClaimAsync(database, run, blind)));

        var found = (await new RunStore(database.DataSource).FindAsync(run, Token))!;
        Assert.Equal((RunState.Queued, 0, 0, 0, "no mount"), (found.State, found.Deaths, found.Errors, found.Preemptions, found.Reason));
        Assert.Contains(await new EventStore(database.DataSource).ListAsync(run, Token), entry => entry is { Type: "refused", Detail: "no mount" });
        Assert.Null(await ClaimAsync(database, run, blind));
        Assert.NotNull(await ClaimAsync(database, run, seeing));
    }

    [Fact]
    public async Task Refused_AMinuteLater_TheSameWorkerTriesAgain()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, worker) = ((await Experiments.SubmitAsync(database))[0], Guid.NewGuid());
        await RefuseAsync(database, await ClaimAsync(database, run, worker));
        await AgeAsync(database);

        Assert.NotNull(await ClaimAsync(database, run, worker));
    }

    [Fact]
    public async Task RefusedByEveryWorkerThatIsReady_FailsAfterThreeTimes_AndARetryBeginsAnew()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, worker) = ((await Experiments.SubmitAsync(database))[0], Guid.NewGuid());
        await RegisterAsync(database, worker);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(RunState.Queued, await RefuseAsync(database, await ClaimAsync(database, run, worker)));
            await AgeAsync(database);
            Assert.Equal(RunState.Queued, await RefuseAsync(database, await ClaimAsync(database, run, worker)));
            await AgeAsync(database);
            Assert.Equal(RunState.Failed, await RefuseAsync(database, await ClaimAsync(database, run, worker)));
            Assert.Equal("refused 3 times; the last time: no mount", (await new RunStore(database.DataSource).FindAsync(run, Token))!.Reason);
            await AgeAsync(database);
            Assert.True((await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Retry, run, Token))!.Granted);
        }
    }

    [Fact]
    public async Task RefusedWhileAnotherWorkerHasNotTried_WaitsForThatOne()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, worker) = ((await Experiments.SubmitAsync(database))[0], Guid.NewGuid());
        await RegisterAsync(database, worker);
        await RegisterAsync(database, Guid.NewGuid());
        for (var time = 0; time < 5; time++)
        {
            Assert.Equal(RunState.Queued, await RefuseAsync(database, await ClaimAsync(database, run, worker)));
            await AgeAsync(database);
        }
    }

    [Fact]
    public async Task EndedByAnUnfitMachine_HoweverOften_IsChargedNothingAndWaitsForASoundOne()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, worker) = ((await Experiments.SubmitAsync(database))[0], Guid.NewGuid());
        await RegisterAsync(database, worker);
        var store = new AttemptStore(database.DataSource);
        for (var time = 0; time < 2 * LeaseSettings.MaxRefusals; time++)
        {
            // The same worker may have it again at once: on a sound slot, or when it has healed.
            var claim = await ClaimAsync(database, run, worker);
            Assert.Equal(RunState.Queued, await store.EndAsync(claim!, AttemptEnding.Unfit, "host cpu: broken\nmore", true, s_lease, Token));
        }

        var found = (await new RunStore(database.DataSource).FindAsync(run, Token))!;
        Assert.Equal((0, 0, 0, "waits for a worker: host cpu: broken"), (found.Deaths, found.Errors, found.Preemptions, found.Reason));
        Assert.All(await store.ListAsync(run, Token), attempt => Assert.Equal(AttemptEnding.Unfit, attempt.Ending));
        // And they are no refusals, of which there may be three.
        Assert.Equal(RunState.Queued, await RefuseAsync(database, await ClaimAsync(database, run, worker)));
    }

    private static Task<Claim?> ClaimAsync(TestDatabase database, Guid run, Guid worker) =>
        new LeaseStore(database.DataSource, s_lease).ClaimAsync(run, worker, "host", "cpu", Guid.NewGuid(), Token);

    private static Task<RunState> RefuseAsync(TestDatabase database, Claim? claim) =>
        new AttemptStore(database.DataSource).EndAsync(claim!, AttemptEnding.Refused, "no mount", true, s_lease, Token);

    private static Task RegisterAsync(TestDatabase database, Guid worker) => ExecuteAsync(
        database, "insert into workers (id, host, pid, version, state) values (@worker, 'host', 1, '1', 'ready')", new { worker });

    /// <summary>As if the pause after the last refusal were over.</summary>
    private static Task AgeAsync(TestDatabase database) => ExecuteAsync(
        database, "update attempts set ended_at = ended_at - @pause where ended_at is not null", new { pause = LeaseSettings.RefusalPause });

    private static async Task ExecuteAsync(TestDatabase database, string sql, object parameters)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await connection.ExecuteAsync(sql, parameters);
    }
}
