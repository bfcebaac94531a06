using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Daemon;
using ChangeDetection.TestKit;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChangeDetection.Scheduler.Tests.Daemon;

/// <summary>The scheduler's loop over a database of the test's own, and what it made of the rows.</summary>
internal sealed class RunningReconciler : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly Reconciler _loop;

    private RunningReconciler(TestDatabase database, Reconciler loop) => (_database, _loop) = (database, loop);

    public static async Task<RunningReconciler> StartAsync(TestDatabase database, LeaseSettings? lease = null)
    {
        var queue = new RunQueue(database.DataSource, HangfireSetup.CreateStorage(database.ConnectionString));
        var loop = new Reconciler(
            database.DataSource, lease ?? new LeaseSettings(), queue, database.ConnectionString,
            TimeProvider.System, NullLogger<Reconciler>.Instance);
        await loop.StartAsync(CancellationToken.None);
        return new RunningReconciler(database, loop);
    }

    public async Task<Run> FindAsync(Guid run) => (await new RunStore(_database.DataSource).FindAsync(run, CancellationToken.None))!;

    /// <summary>Waits until a run satisfies a condition, and returns it as it then was.</summary>
    public Task<Run> UntilAsync(Guid run, string what, Func<Run, bool> condition) =>
        Eventually.GetAsync(what, async () => await FindAsync(run) is var found && condition(found) ? found : null, TimeSpan.FromSeconds(30));

    /// <summary>The queue job that the run's row names, where a worker can draw it.</summary>
    public async Task<long?> QueueJobAsync(Guid run)
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        return await connection.QuerySingleOrDefaultAsync<long?>(
            "select r.hangfire_job from runs r join hangfire.jobqueue q on q.jobid = r.hangfire_job and q.fetchedat is null where r.id = @run", new { run });
    }

    public async Task<long> UntilQueueJobAsync(Guid run) =>
        long.Parse(await Eventually.GetAsync($"a queue job for {run}", async () => (await QueueJobAsync(run))?.ToString(), TimeSpan.FromSeconds(30)));

    public async ValueTask DisposeAsync()
    {
        await _loop.StopAsync(CancellationToken.None);
        _loop.Dispose();
    }
}
