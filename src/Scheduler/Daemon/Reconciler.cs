using ChangeDetection.Core.Database;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>
/// What makes the queue agree with the runs. It keeps nothing in memory, every step may be repeated, and two of them do no harm:
/// 1. leases that ran out are taken back; 2. runs whose parents ended are released or cancelled; 3. queue jobs nobody can draw are forgotten;
/// 4. claimable runs without a queue job get one; 5. runs that nobody can take are told why.
/// The first has a rhythm of its own: a thousand queue jobs to write must not look like an outage. For the others a notification of the database
/// wakes it at once; a timer is the backstop.
/// </summary>
public sealed class Reconciler(
    NpgsqlDataSource database, LeaseSettings lease, RunQueue queue, string connectionString, TimeProvider time, ILogger<Reconciler> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(5);

    private readonly LeaseStore _leases = new(database, lease);
    private readonly DependencyStore _dependencies = new(database);
    private readonly WorkerStore _workers = new(database);
    private readonly WaitingReasons _reasons = new(database);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(WatchLeasesAsync(stoppingToken), ReconcileAsync(stoppingToken));

    private async Task WatchLeasesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(lease.LookEvery < s_patience ? lease.LookEvery : s_patience, time);
        do
            await TryAsync(_leases.ExpireAsync, cancellationToken);
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        await using var news = new RunChangeListener(database);
        long? swept = null, began = null;
        while (true)
        {
            await TryAsync(
                async token =>
                {
                    // A busy queue notifies hundreds of times a second, and one round does for all.
                    if (began is { } last && s_breath - time.GetElapsedTime(last) is { Ticks: > 0 } rest)
                        await Task.Delay(rest, time, token);
                    began = time.GetTimestamp();
                    if (swept is null || time.GetElapsedTime(swept.Value) >= s_sweepEvery)
                    {
                        await SweepAsync(token);
                        swept = time.GetTimestamp();
                    }
                    await _dependencies.SettleAsync(token);
                    await queue.EnqueueWaitingAsync(token);
                    await news.WaitAsync(s_patience, token);
                },
                cancellationToken);
        }
    }

    /// <summary>The slower part: what no notification tells.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        // A dropped schema takes the queue jobs along; the runs are ours, so nothing is lost.
        if (!await HangfireSchema.ExistsAsync(database, cancellationToken))
            await InstallHangfireAsync(cancellationToken);
        await _workers.MarkLostAsync(lease, cancellationToken);
        await queue.ForgetLostQueueJobsAsync(cancellationToken);
        await _reasons.ExplainAsync(cancellationToken);
    }

    private async Task InstallHangfireAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Migrator.InstallHangfireAsync(connectionString, cancellationToken);
        }
        catch (PostgresException refusal) when (refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Who migrates for an account of least privilege makes them; what does not need the queue goes on meanwhile.
            SchedulerLog.TransportMissing(logger);
        }
    }

    /// <summary>
    /// One round. Whatever went wrong in it, the next begins with what the database then says: a scheduler that gave up would leave every run
    /// waiting.
    /// </summary>
    private async Task TryAsync(Func<CancellationToken, Task> round, CancellationToken cancellationToken)
    {
        try
        {
            await round(cancellationToken);
        }
#pragma warning disable CA1031 // The top of the loop.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (TransportOutage.IsOne(exception))
                SchedulerLog.ReconcilerRetries(logger, TransportOutage.Describe(exception));
            else if (exception is NpgsqlException)
                SchedulerLog.ReconcilerRefused(logger, DatabaseProblem.Describe(exception));
            else
                SchedulerLog.ReconcilerFailed(logger, exception);
            await Task.Delay(s_patience, time, cancellationToken);
        }
    }
}
