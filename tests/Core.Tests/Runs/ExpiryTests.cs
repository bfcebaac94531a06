using System.Diagnostics;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs;

[Needs(Resource.Database, Resource.Processes)]
public sealed class ExpiryTests(PostgresServer server)
{
    /// <summary>No grace for the age of the server: the one of the tests has just started.</summary>
    private static readonly LeaseSettings s_now = new() { Duration = TimeSpan.Zero, MaxDeaths = 3 };

    [Fact]
    public async Task Expire_WorkerThatFellSilent_QueuesTheRunAgainAndCountsADeath()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        await ClaimAsync(database, run);

        Assert.Equal([run], await new LeaseStore(database.DataSource, s_now).ExpireAsync(CancellationToken.None));

        var after = await FindAsync(database, run);
        Assert.Equal((RunState.Queued, 1, 0, 1), (after.State, after.Deaths, after.Errors, after.Attempt));
        Assert.Equal(AttemptEnding.Expired, (await new AttemptStore(database.DataSource).ListAsync(run, CancellationToken.None))[0].Ending);
    }

    [Fact]
    public async Task Expire_CrashLoop_StopsAfterThreeDeathsWithAReason()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database, errors: 5))[0];
        for (var death = 1; death <= 3; death++)
        {
            await ClaimAsync(database, run);
            await new LeaseStore(database.DataSource, s_now).ExpireAsync(CancellationToken.None);
        }

        var after = await FindAsync(database, run);
        Assert.Equal((RunState.Failed, 3), (after.State, after.Deaths));
        Assert.Contains("died 3 times", after.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expire_ServerStartedALeaseAgoOrLess_TakesNothing()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        await ClaimAsync(database, run);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(
                """
                update runs set lease_until = clock_timestamp() - interval '1 day';
                insert into lease_watch (unbroken_since) values (clock_timestamp() - interval '1 day');
                """);
        }

        // Somebody has looked all the time, and a restart may be too short to be missed. The tests' server is younger than an hour: with such a
        // lease, nobody had the chance to renew.
        Assert.Empty(await new LeaseStore(database.DataSource, new LeaseSettings { Duration = TimeSpan.FromHours(1) }).ExpireAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Expire_AfterAGapInWhichNobodyLooked_TakesNothingForALease()
    {
        var lease = new LeaseSettings { Duration = TimeSpan.FromSeconds(1) };
        await using var database = await server.CreateDatabaseAsync();
        var (leases, workers) = (new LeaseStore(database.DataSource, lease), new WorkerStore(database.DataSource));
        var run = (await Experiments.SubmitAsync(database))[0];
        await ClaimAsync(database, run);
        await leases.ExpireAsync(CancellationToken.None);
        var worker = new WorkerRecord { Id = Guid.NewGuid(), Host = "host", Version = "test" };
        await workers.RegisterAsync(worker, CancellationToken.None);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(
                """
                update lease_watch set seen_at = clock_timestamp() - interval '1 minute', unbroken_since = clock_timestamp() - interval '1 day';
                update runs set lease_until = clock_timestamp() - interval '50 seconds';
                update workers set seen_at = clock_timestamp() - interval '55 seconds';
                """);
        }

        // The server was frozen, or nobody reached it: renewals did not get through either, and now everybody has a lease to make up for it.
        await workers.MarkLostAsync(lease, CancellationToken.None);
        var noticed = Stopwatch.StartNew();
        Assert.Empty(await leases.ExpireAsync(CancellationToken.None));
        await workers.MarkLostAsync(lease, CancellationToken.None);
        Assert.Equal(WorkerState.Ready, (await workers.ListAsync(all: true, CancellationToken.None)).Single().State);

        await Eventually.TrueAsync(
            "the silent run to be taken back",
            async () => (await leases.ExpireAsync(CancellationToken.None)).Contains(run), TimeSpan.FromSeconds(30));
        Assert.True(noticed.Elapsed >= lease.Duration);
        await workers.MarkLostAsync(lease, CancellationToken.None);
        Assert.Equal(WorkerState.Lost, (await workers.ListAsync(all: true, CancellationToken.None)).Single().State);
    }

    [Fact]
    public async Task Expire_RunWhoseEndWasAsked_IsCancelled()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        await ClaimAsync(database, run);
        Assert.Equal(RunState.Running, (await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Cancel, run, CancellationToken.None))?.State);

        await new LeaseStore(database.DataSource, s_now).ExpireAsync(CancellationToken.None);

        Assert.Equal(RunState.Cancelled, (await FindAsync(database, run)).State);
    }

    private static Task<Claim?> ClaimAsync(TestDatabase database, Guid run) =>
        new LeaseStore(database.DataSource, s_now).ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None);

    private static async Task<Run> FindAsync(TestDatabase database, Guid run) =>
        (await new RunStore(database.DataSource).FindAsync(run, CancellationToken.None))!;
}
