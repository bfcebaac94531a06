using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>An attempt that lost its run to another writes nothing, whichever statement it tries.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class FenceTests(PostgresServer server)
{
    private static readonly LeaseSettings s_lease = new();

    /// <summary>Every statement that an attempt writes with. Each takes the claim it believes in.</summary>
    public static TheoryData<string> Writes =>
        ["renew", "metric", "log", "event", "progress", "checkpoint", "retire", "damaged",
            "artifact", "trainer", "numerics", "succeed", "fail", "die", "hand back"];

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Write_OfAnAttemptThatWasOvertaken_ChangesNothing(string write)
    {
        await using var database = await server.CreateDatabaseAsync();
        var (old, current) = await OvertakenAsync(database);
        var before = await SnapshotAsync(database);

        var refused = await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(database, write, old));

        Assert.Equal(old, refused.Claim);
        Assert.Equal(before, await SnapshotAsync(database));
        // The same write of the present attempt goes through: the refusal was the fence's.
        await WriteAsync(database, write, current);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Write_OfAnAttemptWhoseRunWaitsAgain_ChangesNothing(string write)
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await ExpireNowAsync(database);
        var before = await SnapshotAsync(database);

        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(database, write, claim));

        Assert.Equal(before, await SnapshotAsync(database));
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Write_OfThePresentAttempt_LeavesTheRowsOfEarlierOnesAlone(string write)
    {
        await using var database = await server.CreateDatabaseAsync();
        var (old, current) = await OvertakenAsync(database);
        // However it came to be: a slot that still shows the old attempt.
        await ShowInSlotAsync(database, old);
        await ShowInSlotAsync(database, current);
        var before = await RowsOfAsync(database, old);

        await WriteAsync(database, write, current);

        Assert.Equal(before, await RowsOfAsync(database, old));
    }

    [Fact]
    public async Task End_OfAnOvertakenAttempt_WhenTheOtherEndedAlike_IsRefused()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (old, current) = await OvertakenAsync(database);
        await WriteAsync(database, "succeed", current);

        await Assert.ThrowsAsync<LeaseLostException>(() => WriteAsync(database, "succeed", old));
    }

    [Fact]
    public async Task Expire_WhileTheAttemptWrites_LeavesTheRunToIt()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        var leases = new LeaseStore(database.DataSource, new LeaseSettings { Duration = TimeSpan.Zero });
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            await connection.ExecuteAsync("update runs set lease_until = clock_timestamp() - interval '1 hour'");

        await using (var fence = await FencedTransaction.BeginAsync(database.DataSource, claim, CancellationToken.None))
        {
            // Whoever holds the fence writes to the end: nobody takes the run from under him, and nobody waits for him either.
            Assert.Empty(await leases.ExpireAsync(CancellationToken.None));
            await fence.CommitAsync(CancellationToken.None);
        }
        Assert.Single(await leases.ExpireAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Renew_LeaseThatRanOutButNobodyTook_IsRenewed()
    {
        await using var database = await server.CreateDatabaseAsync();
        var claim = await ClaimAsync(database, (await Experiments.SubmitAsync(database))[0]);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            await connection.ExecuteAsync("update runs set lease_until = clock_timestamp() - interval '1 hour'");

        await new LeaseStore(database.DataSource, s_lease).RenewAsync(claim, CancellationToken.None);

        // Whoever expires here has no patience of his own: only the lease itself holds the run.
        Assert.Empty(await new LeaseStore(database.DataSource, new LeaseSettings { Duration = TimeSpan.Zero }).ExpireAsync(CancellationToken.None));
    }

    private static async Task WriteAsync(TestDatabase database, string write, Claim claim)
    {
        var source = database.DataSource;
        var attempts = new AttemptStore(source);
        var none = CancellationToken.None;
        switch (write)
        {
            case "renew":
                await new LeaseStore(source, s_lease).RenewAsync(claim, none);
                return;
            case "succeed":
                await attempts.EndAsync(claim, AttemptEnding.Succeeded, null, false, s_lease, none);
                return;
            case "fail":
                await attempts.EndAsync(claim, AttemptEnding.Failed, "why", false, s_lease, none);
                return;
            case "die":
                await attempts.EndAsync(claim, AttemptEnding.Died, "why", true, s_lease, none);
                return;
            case "hand back":
                await attempts.EndAsync(claim, AttemptEnding.Preempted, "why", true, s_lease, none);
                return;
        }
        await using var fence = await FencedTransaction.BeginAsync(source, claim, none);
        await (write switch
        {
            "metric" => MetricStore.AddAsync(fence, [new MetricPoint("val/f1", 99, 9, 0.5)], none),
            "log" => LogStore.AddAsync(fence, [new LogLine { Seq = 99, Text = "line" }], none),
            "event" => EventStore.AddAsync(fence, "something", null, 99, none),
            "progress" => ProgressStore.SetAsync(fence, new RunProgress(9, 99, 100, 0.99, 1, new LoaderFigures { WaitSeconds = claim.Attempt }), none),
            "checkpoint" => CheckpointStore.AddAsync(fence, Checkpoint(99), none),
            "retire" => CheckpointStore.RetireAsync(fence, 0, 0, none),
            "damaged" => CheckpointStore.MarkDamagedAsync(fence, "p/99", none),
            "artifact" => ArtifactStore.AddAsync(fence, new ArtifactRecord { Name = "a", ObjectKey = "k", ContentType = "image/png", Sha256 = "0" }, none),
            "trainer" => AttemptStore.SetTrainerAsync(fence, 4711, none),
            "numerics" => AttemptStore.SetNumericsAsync(fence, "{}", none),
            _ => throw new ArgumentOutOfRangeException(nameof(write), write, null),
        });
        await fence.CommitAsync(none);
    }

    private static CheckpointRecord Checkpoint(long step) => new()
    {
        Step = step,
        Prefix = $"p/{step}",
        WeightsSha256 = "0",
        ManifestSha256 = "0",
        Best = true,
    };

    /// <summary>A run that one attempt lost and another holds, with a row in every table.</summary>
    private static async Task<(Claim Old, Claim Current)> OvertakenAsync(TestDatabase database)
    {
        var run = (await Experiments.SubmitAsync(database))[0];
        var old = await ClaimAsync(database, run);
        foreach (var write in new[] { "metric", "log", "event", "progress", "checkpoint", "artifact" })
            await WriteAsync(database, write, old);
        await ExpireNowAsync(database);
        return (old, await ClaimAsync(database, run));
    }

    private static async Task ShowInSlotAsync(TestDatabase database, Claim claim)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            insert into workers (id, host, pid, version, state) values (@worker, 'host', 1, 'test', 'ready');
            insert into worker_slots (worker_id, name, device, device_name, run_id, attempt) values (@worker, 'cpu', 'cpu', 'cpu', @run, @attempt);
            """,
            new { worker = Guid.NewGuid(), run = claim.Run, attempt = claim.Attempt });
    }

    /// <summary>What says who did what when. Retention and artifacts of the same name may touch the other tables.</summary>
    private static async Task<IReadOnlyList<string>> RowsOfAsync(TestDatabase database, Claim claim)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var rows = new List<string>();
        foreach (var table in new[] { "attempts", "events", "metrics", "log_lines", "worker_slots" })
            rows.AddRange(
                await connection
                .QueryAsync<string>(
                $"select '{table} ' || t::text from {table} t where run_id = @run and attempt = @attempt order by 1", new
                {
                    run = claim.Run,
                    attempt = claim.Attempt,
                }));
        return rows;
    }

    private static async Task<Claim> ClaimAsync(TestDatabase database, Guid run) =>
        await new LeaseStore(database.DataSource, s_lease).ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None)
        ?? throw new InvalidOperationException("not claimable");

    private static async Task ExpireNowAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await connection.ExecuteAsync("update runs set lease_until = clock_timestamp() - interval '1 hour' where state = 'running'");
        // A zero lease: the server of a test may be younger than the real one.
        Assert.Single(await new LeaseStore(database.DataSource, new LeaseSettings { Duration = TimeSpan.Zero }).ExpireAsync(CancellationToken.None));
    }

    private static async Task<string> SnapshotAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var tables = new[] { "runs", "attempts", "events", "metrics", "checkpoints", "artifacts", "log_lines" };
        var rows = new List<string>();
        foreach (var table in tables)
            rows.AddRange(await connection.QueryAsync<string>($"select '{table} ' || t::text from {table} t order by 1"));
        return string.Join('\n', rows);
    }
}
