using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Hangfire;
using Npgsql;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>P1, P3: the transport holds nothing that cannot be made again.</summary>
[Collection(nameof(SystemApart))]
public sealed class TransportTests(SystemApart apart)
{
    private const int Queued = 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    internal static string Queue { get; } = SystemApart.Queues(SystemApart.ForNobody);

    [Fact]
    public async Task HangfireSchema_DroppedWithTwentyRunsQueued_EachCompletesOnce()
    {
        var runs = await QueueAsync(apart);
        await DropAsync(apart);
        // Ends runs as soon as it has claimed them: what is shown is that each comes to a worker, and to one.
        using var worker = RunsAreOverAtOnce.Serve(apart.System.ConnectionString, apart.System.Database, Queue);
        await EachCompletesOnceAsync(apart, runs);
    }

    /// <summary>Nobody installs the schema again before the worker is up: it neither ends nor needs to be started a second time.</summary>
    [Fact]
    public async Task Worker_StartedWhileHangfiresSchemaIsMissing_ServesWhenItIsBack()
    {
        await using var database = await apart.Postgres.CreateDatabaseAsync();
        await DropAsync(database.DataSource);
        await using var worker = apart.System.StartWorker(
            ["--slots", "cpu"], new Dictionary<string, string?> { ["CHANGEDETECTION_DATABASE"] = database.ConnectionString });
        await worker.LineAsync("is ready", SystemApart.Limit);

        await Migrator.InstallHangfireAsync(database.ConnectionString);
        await Eventually.TrueAsync("the worker's server", async () => await CountAsync(database.DataSource, "hangfire.server") == 1, SystemApart.Limit);
        Assert.False(worker.HasExited, worker.Text);
    }

    [Fact]
    public async Task Worker_ThatCannotGoOn_SaysWhyAndEndsAsAFailure()
    {
        await using var database = await apart.Postgres.CreateDatabaseAsync();
        await using (var command = database.DataSource.CreateCommand("drop table changedetection.workers cascade"))
            await command.ExecuteNonQueryAsync();
        await using var worker = apart.System.StartWorker(
            ["--slots", "cpu"], new Dictionary<string, string?> { ["CHANGEDETECTION_DATABASE"] = database.ConnectionString });
        Assert.Equal(1, await worker.ExitAsync(SystemApart.Limit));
        // One line says why, and nothing of our insides.
        Assert.Equal(
            "error: the worker ended by a fault: the database: 42P01: relation \"workers\" does not exist.", worker.Text.Split('\n')[^1]);
        Assert.DoesNotContain("   at ", worker.Text, StringComparison.Ordinal);
    }

    /// <param name="limit">For one run, which may be the last of them all; null: that of other scenes.</param>
    internal static async Task EachCompletesOnceAsync(SystemApart apart, IReadOnlyList<Guid> runs, TimeSpan? limit = null)
    {
        // A worker that was there before, and whose transport was taken from under it, serves on too.
        var served = await apart.SubmitAsync("after-the-drop", SystemApart.ForDirect);
        foreach (var run in runs)
        {
            var ended = await apart.System.SucceededAsync(run, limit ?? SystemApart.Limit);
            Assert.Equal((1, 0), (ended.Attempt, ended.Deaths));
            Assert.Equal(AttemptEnding.Succeeded, (await apart.AttemptsAsync(run)).Single().Ending);
        }
        await apart.EndsAsIfNothingHadHappenedAsync(served);
    }

    /// <summary>Runs of one step each, all with a queue job in a queue that nobody serves yet.</summary>
    internal static async Task<IReadOnlyList<Guid>> QueueAsync(SystemApart apart)
    {
        var first = (await apart.System.SubmitAsync("tiny", epochs: 1, steps: 1, priority: SystemApart.ForNobody))[0];
        var (config, digest) = await apart.System.Runs.ConfigAsync(first, CancellationToken.None);
        var copies = Enumerable.Range(1, Queued - 1).Select(number => new PlannedRun(
            Guid.CreateVersion7(), $"tiny-{number}", RunKind.Train, config, digest, DeviceClass.Any, SystemApart.ForNobody, WaitsFor: null)).ToList();
        var experiment = new Experiment { Id = Guid.CreateVersion7(), Name = "tiny", Config = config, Source = config, Digest = digest };
        await new ExperimentStore(apart.System.Database).AddAsync(experiment, copies, CancellationToken.None);
        await Eventually.TrueAsync(
            "a queue job for each",
            async () => await CountAsync(apart.System.Database, $"hangfire.jobqueue where queue = '{Queue}' and fetchedat is null") == Queued, s_limit);
        return [first, .. copies.Select(run => run.Id)];
    }

    internal static Task DropAsync(SystemApart apart) => DropAsync(apart.System.Database);

    private static async Task DropAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("drop schema hangfire cascade");
        await command.ExecuteNonQueryAsync();
    }

    /// <param name="rows">A table, and perhaps a condition.</param>
    private static async Task<long> CountAsync(NpgsqlDataSource database, string rows)
    {
        await using var command = database.CreateCommand($"select count(*) from {rows}");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A Hangfire server as workers have it, whose runs are over when they are claimed.</summary>
    private sealed class RunsAreOverAtOnce(NpgsqlDataSource database) : JobActivator, IRunJob
    {
        private readonly Guid _worker = Guid.NewGuid();

        public static BackgroundJobServer Serve(string connectionString, NpgsqlDataSource database, string queue)
        {
            var options = HangfireSetup.ServerOptions("over-at-once", DeviceClass.Cpu, slots: 2, TimeSpan.FromSeconds(5), new RunsAreOverAtOnce(database));
            options.Queues = [queue];
            return new BackgroundJobServer(options, HangfireSetup.CreateStorage(connectionString));
        }

        public override object ActivateJob(Type jobType) => this;

        public async Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
        {
            var lease = new LeaseSettings();
            if (await new LeaseStore(database, lease).ClaimAsync(run, _worker, "host", "cpu", Guid.NewGuid(), CancellationToken.None) is { } claim)
                await new AttemptStore(database).EndAsync(claim, AttemptEnding.Succeeded, null, retryable: false, lease, CancellationToken.None);
        }
    }
}
