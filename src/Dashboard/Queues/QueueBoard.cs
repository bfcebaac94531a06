using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Queues;

/// <summary>What the page of queues shows.</summary>
/// <param name="Lines">A line for each priority and device class that somebody waits in, the soonest first.</param>
/// <param name="Blocked">Queued runs that wait for another run, not for a worker.</param>
/// <param name="Transport">Hangfire's own counts; null while its tables are missing.</param>
public sealed record QueueBoard(IReadOnlyList<QueueLine> Lines, IReadOnlyList<Run> Blocked, TransportCounts? Transport);

/// <summary>Runs of one priority and device class that only wait for a slot.</summary>
/// <param name="Name">The queue's name in Hangfire.</param>
/// <param name="Runs">Oldest first.</param>
/// <param name="HasWorker">Whether a ready worker offers such a device.</param>
public sealed record QueueLine(string Name, int Priority, DeviceClass Device, IReadOnlyList<Run> Runs, bool HasWorker);

/// <summary>Hangfire's statistics: queue jobs, not runs. The runs are the truth.</summary>
public sealed record TransportCounts(long Enqueued, long Processing, long Scheduled, long Succeeded, long Failed, long Servers);
