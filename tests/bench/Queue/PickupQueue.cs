using System.Collections.Concurrent;
using System.Diagnostics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using Hangfire;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>
/// The queue as it is: a scheduler, and an idle worker with one slot that claims a run and ends the attempt at once, because the way there is
/// what is measured. The scheduler is a process of its own: within one process Hangfire wakes its workers without the database.
/// </summary>
internal sealed class PickupQueue : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly NpgsqlDataSource _database;
    private readonly ChildProcess _scheduler;
    private readonly BackgroundJobServer _worker;
    private readonly ClaimingJob _job;

    private PickupQueue(NpgsqlDataSource database, ChildProcess scheduler, BackgroundJobServer worker, ClaimingJob job) =>
        (_database, _scheduler, _worker, _job) = (database, scheduler, worker, job);

    public static async Task<PickupQueue> StartAsync(string connectionString)
    {
        var database = DataSources.Create(connectionString, "changedetection bench");
        var job = new ClaimingJob(database, await BenchRuns.RegisterWorkerAsync(database));
        var options = HangfireSetup.ServerOptions("bench", DeviceClass.Cpu, slots: 1, checkpointGrace: TimeSpan.FromSeconds(5), new SingleJob(job));
        var worker = new BackgroundJobServer(options, HangfireSetup.CreateStorage(connectionString));
        return new PickupQueue(database, await BenchScheduler.StartAsync(connectionString), worker, job);
    }

    /// <summary>Submits a run and waits until its attempt has ended.</summary>
    /// <returns>From the answer to the submit's COMMIT to the answer to the claim's.</returns>
    public async Task<TimeSpan> PickupAsync()
    {
        var run = await BenchRuns.SubmitAsync(_database);
        var committed = Stopwatch.GetTimestamp();
        var claimed = await _job.ClaimedAsync(run).WaitAsync(s_patience);
        return Stopwatch.GetElapsedTime(committed, claimed);
    }

    public async ValueTask DisposeAsync()
    {
        _worker.Dispose();
        await _scheduler.DisposeAsync();
        await _database.DisposeAsync();
    }

    private sealed class ClaimingJob(NpgsqlDataSource database, Guid worker) : IRunJob
    {
        private readonly LeaseStore _leases = new(database, new LeaseSettings());
        private readonly AttemptStore _attempts = new(database);
        private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> _claimed = new();

        public Task<long> ClaimedAsync(Guid run) => Completion(run).Task;

        public async Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
        {
            if (await _leases.ClaimAsync(run, worker, BenchRuns.Host, BenchRuns.Slot, Guid.CreateVersion7(), cancellationToken) is not { } claim)
                return;
            var now = Stopwatch.GetTimestamp();
            await _attempts.EndAsync(claim, AttemptEnding.Succeeded, null, retryable: false, new LeaseSettings(), cancellationToken);
            Completion(run).SetResult(now);
        }

        private TaskCompletionSource<long> Completion(Guid run) => _claimed.GetOrAdd(run, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}

/// <summary>Gives a Hangfire server the one job it has.</summary>
internal sealed class SingleJob(IRunJob job) : JobActivator
{
    public override object ActivateJob(Type jobType) => job;
}
