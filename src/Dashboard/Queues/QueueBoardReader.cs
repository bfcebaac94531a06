using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using Hangfire.PostgreSql;
using Npgsql;

namespace ChangeDetection.Dashboard.Queues;

/// <summary>Reads the page of queues.</summary>
public sealed class QueueBoardReader(RunStore runs, WorkerStore workers, PostgreSqlStorage storage)
{
    public async Task<QueueBoard> ReadAsync(QueueBoard? previous, CancellationToken cancellationToken)
    {
        var queued = await runs.ListAsync(new RunFilter(State: RunState.Queued), cancellationToken);
        var devices = await workers.DevicesAsync(cancellationToken);
        return new QueueBoard(
            queued.Where(run => run.WaitsFor == 0)
                .GroupBy(run => (run.Priority, run.Device, IsImport: run.Kind is RunKind.Import))
                .OrderByDescending(group => group.Key.Priority).ThenBy(group => group.Key.Device)
                .Select(group => new QueueLine(
                    QueueNames.For(group.Key.Priority, group.Key.Device, group.Key.IsImport), group.Key.Priority, group.Key.Device,
                    group.OrderBy(run => run.CreatedAt).ToList(), IsServed(group.Key.Device, devices))).ToList(),
            queued.Where(run => run.WaitsFor > 0).OrderBy(run => run.CreatedAt).ToList(),
            Transport());
    }

    private static bool IsServed(DeviceClass device, IReadOnlySet<string> devices) => device switch
    {
        DeviceClass.Any => devices.Count > 0,
        _ => devices.Contains(device.ToString().ToLowerInvariant()),
    };

    private TransportCounts? Transport()
    {
        try
        {
            var counts = storage.GetMonitoringApi().GetStatistics();
            return new TransportCounts(counts.Enqueued, counts.Processing, counts.Scheduled, counts.Succeeded, counts.Failed, counts.Servers);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            // Somebody dropped Hangfire's schema; nothing is lost, and the scheduler installs it again.
            return null;
        }
    }
}
