using ChangeDetection.Core.Configuration;
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
    private static readonly string s_queue = SystemApart.Queues(SystemApart.ForNobody);

    [Fact]
    public async Task HangfireSchema_DroppedWithTwentyRunsQueued_EachCompletesOnce()
    {
        var runs = await QueueAsync();
        await DropAsync();
        // Ends runs as soon as it has claimed them: what is shown is that each comes to a worker, and to one.
        using var worker = RunsAreOverAtOnce.Serve(apart.System.ConnectionString, apart.System.Database, s_queue);
        await EachCompletesOnceAsync(runs);
    }

    [Fact]
    public async Task HangfireSchema_DroppedWithTwentyRunsQueued_EachIsTrainedOnce()
    {
        Soak.OrSkip();
        var runs = await QueueAsync();
        await DropAsync();
        await using var worker = apart.System.StartWorker(["--slots", "cpu,cpu:1", "--queues", s_queue]);
        await EachCompletesOnceAsync(runs);
    }

    private async Task EachCompletesOnceAsync(IReadOnlyList<Guid> runs)
    {
        // A worker that was there before, and whose transport was taken from under it, serves on too.
        var served = await apart.SubmitAsync("after-the-drop", SystemApart.ForDirect);
        foreach (var run in runs)
        {
            var ended = await apart.System.SucceededAsync(run, SystemApart.Limit);
            Assert.Equal((1, 0), (ended.Attempt, ended.Deaths));
            Assert.Equal(AttemptEnding.Succeeded, (await apart.AttemptsAsync(run)).Single().Ending);
        }
        await apart.EndsAsIfNothingHadHappenedAsync(served);
    }

    /// <summary>Runs of one step each, all with a queue job in a queue that nobody serves yet.</summary>
    private async Task<IReadOnlyList<Guid>> QueueAsync()
    {
        var first = (await apart.System.SubmitAsync("tiny", epochs: 1, steps: 1, priority: SystemApart.ForNobody))[0];
        var (config, digest) = await apart.System.Runs.ConfigAsync(first, CancellationToken.None);
        var copies = Enumerable.Range(1, Queued - 1).Select(number => new PlannedRun(
            Guid.CreateVersion7(), $"tiny-{number}", RunKind.Train, config, digest, DeviceClass.Any, SystemApart.ForNobody, WaitsFor: null)).ToList();
        var experiment = new Experiment { Id = Guid.CreateVersion7(), Name = "tiny", Config = config, Source = config, Digest = digest };
        await new ExperimentStore(apart.System.Database).AddAsync(experiment, copies, CancellationToken.None);
        await Eventually.TrueAsync("a queue job for each", async () => await QueueJobsAsync() == Queued, s_limit);
        return [first, .. copies.Select(run => run.Id)];
    }

    private async Task<long> QueueJobsAsync()
    {
        await using var command = apart.System.Database.CreateCommand($"select count(*) from hangfire.jobqueue where queue = '{s_queue}' and fetchedat is null");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task DropAsync()
    {
        await using var command = apart.System.Database.CreateCommand("drop schema hangfire cascade");
        await command.ExecuteNonQueryAsync();
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
                await new AttemptStore(database, lease).EndAsync(claim, AttemptEnding.Succeeded, null, retryable: false, CancellationToken.None);
        }
    }
}
