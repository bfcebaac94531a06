using ChangeDetection.Core.Database;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>Collects now and then for as long as the scheduler runs. It remembers nothing: what one round could not do, the next finds again.</summary>
public sealed class GarbageCollection(NpgsqlDataSource database, IObjectStore store, RetentionSettings settings, ILogger<GarbageCollection> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.Every);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CollectAsync(stoppingToken);
            }
#pragma warning disable CA1031 // The top of the loop: whatever broke off a round, the scheduler has other work that must go on.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                SchedulerLog.CollectionBrokeOff(logger, DatabaseProblem.Describe(exception));
            }
        }
    }

    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        // Not only at the start: another disk may be mounted there by now, or another system have taken the store over.
        await SystemIdentity.ClaimAsync(database, store, cancellationToken);
        var (number, bytes) = (0, 0L);
        await foreach (var leftover in new GarbageCollector(database, store, settings.Grace).LookAsync(delete: true, cancellationToken))
        {
            if (leftover.Fate is LeftoverFate.Failed)
                SchedulerLog.LeftoverStays(logger, leftover.Key, leftover.Problem ?? "");
            if (leftover.Fate is LeftoverFate.Collected)
                (number, bytes) = (number + 1, bytes + leftover.Bytes);
        }
        if (number > 0)
            SchedulerLog.Collected(logger, number, bytes);
    }
}
