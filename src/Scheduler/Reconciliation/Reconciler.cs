using ChangeDetection.Database;
using ChangeDetection.Queue;
using ChangeDetection.Runs;
using ChangeDetection.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Scheduler.Reconciliation;

/// <summary>
/// The one loop that makes the queue agree with the runs. It keeps nothing in memory, every step may be repeated, and two of them do no harm:
/// 1. leases that ran out are taken back; 2. runs whose parents ended are released or cancelled; 3. tickets nobody can draw are forgotten;
/// 4. claimable runs without a ticket get one; 5. runs that nobody can take are told why.
/// A notification of the database wakes it at once; a timer is the backstop.
/// </summary>
public sealed class Reconciler(NpgsqlDataSource database, LeaseSettings lease, RunQueue queue, string connectionString, ILogger<Reconciler> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_expireEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromSeconds(5);

    private readonly LeaseStore _leases = new(database, lease);
    private readonly DependencyStore _dependencies = new(database);
    private readonly WorkerStore _workers = new(database);
    private readonly WaitingReasons _reasons = new(database);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var news = new RunNews(database);
        var nextSweep = DateTime.MinValue;
        var clock = TimeProvider.System;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _leases.ExpireAsync(stoppingToken);
                if (clock.GetUtcNow().UtcDateTime >= nextSweep)
                {
                    await SweepAsync(stoppingToken);
                    nextSweep = clock.GetUtcNow().UtcDateTime + s_sweepEvery;
                }
                await _dependencies.SettleAsync(stoppingToken);
                await queue.EnqueueWaitingAsync(stoppingToken);
                await news.WaitAsync(s_expireEvery, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested && IsPassing(exception))
            {
                SchedulerLog.ReconcilerRetries(logger, exception.Message);
                await Task.Delay(s_expireEvery, stoppingToken);
            }
        }
    }

    /// <summary>The slower part: what no notification tells.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        // A dropped schema takes the tickets along; the runs are ours, so nothing is lost.
        if (!await HangfireSchema.ExistsAsync(database, cancellationToken))
            await Migrator.InstallHangfireAsync(connectionString, cancellationToken);
        await _workers.MarkLostAsync(lease.Duration, cancellationToken);
        await queue.ForgetLostTicketsAsync(cancellationToken);
        await _reasons.ExplainAsync(cancellationToken);
    }

    /// <summary>An outage, or Hangfire's tables missing for the moment: the next round finds them again.</summary>
    private static bool IsPassing(Exception exception) => Outage.IsOutage(exception)
        || exception is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName }
        || exception is Hangfire.BackgroundJobClientException;
}
