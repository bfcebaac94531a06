using System.Diagnostics;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using Hangfire;
using Hangfire.Storage;
using Npgsql;

namespace ChangeDetection.Worker.Hosting;

/// <summary>
/// Takes queue jobs: one Hangfire server per device class, so that CPU work never holds a GPU's slot; the first of them with the lane of imports.
/// While no slot of a class may take a run, its server leaves the queues alone.
/// </summary>
public sealed class JobServers(
    WorkerSettings settings, WorkerIdentity identity, LeaseStore leases, InFlightJobs inFlight, SlotConditions conditions,
    Func<SlotPool, RunJob> jobOf) : IDisposable
{
    private static readonly TimeSpan s_firstQueueJob = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly List<BackgroundJobServer> _servers = [];

    /// <summary>Starts to take queue jobs; ends when the first is in hand, or when no run waits.</summary>
    public async Task StartAsync(IReadOnlyList<Slot> slots, CancellationToken cancellationToken)
    {
        // A claim of no run at all, so that the first real one finds its statement prepared and compiled.
        await Outage.RetryAsync(token => leases.ClaimAsync(Guid.Empty, identity.Id, identity.Host, "", Guid.Empty, token), cancellationToken);
        var imports = new SlotPool([ImportLane.Slot], conditions);
        var queues = new HashSet<string>(QueueNames.Imports);
        IMonitoringApi? monitoring = null;
        foreach (var group in slots.GroupBy(slot => slot.Device))
        {
            var pool = new SlotPool(group, conditions);
            var options = Options(group, pool);
            var storage = await Outage.RetryAsync(_ => Task.Run(() => HangfireSetup.CreateStorage(settings.Database, MayFetch)), cancellationToken);
            monitoring ??= storage.GetMonitoringApi();
            queues.UnionWith(options.Queues);
            _servers.Add(new BackgroundJobServer(
                options, storage, _servers.Count == 0 ? [ImportLane.Create(inFlight.Count(jobOf(imports)))] : []));

            bool MayFetch(string[] fetched) => (fetched.All(queue => QueueNames.Imports.Contains(queue)) ? imports : pool).HasRoom;
        }
        if (slots.Any(conditions.IsReady))
            await FirstQueueJobAsync(monitoring!, queues, cancellationToken);
    }

    /// <summary>No new queue job is taken from here on.</summary>
    public void StopTaking()
    {
        foreach (var server in _servers)
            server.SendStop();
    }

    /// <summary>Waits for the jobs in hand.</summary>
    /// <exception cref="TimeoutException">Some are still being executed after twice the time that a checkpoint may take.</exception>
    public Task EmptyAsync(CancellationToken cancellationToken) => inFlight.EmptyAsync(settings.CheckpointGrace * 2, cancellationToken);

    public void Dispose()
    {
        foreach (var server in _servers)
            server.Dispose();
        _servers.Clear();
    }

    private BackgroundJobServerOptions Options(IGrouping<DeviceClass, Slot> group, SlotPool pool)
    {
        var options = HangfireSetup.ServerOptions(
            $"{identity.Host}:{identity.Pid}:{group.Key.ToString().ToLowerInvariant()}", group.Key, group.Count(),
            settings.CheckpointGrace, new RunJobActivator(inFlight.Count(jobOf(pool))));
        if (settings.Queues is { } queues)
            options.Queues = queues.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return options;
    }

    /// <summary>
    /// Where runs wait, until one has come: a machine that is busy takes seconds to start Hangfire's threads. Other workers may be quicker, so the
    /// wait ends with the queue; and after a while in any case.
    /// </summary>
    private async Task FirstQueueJobAsync(IMonitoringApi monitoring, IReadOnlyCollection<string> queues, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!inFlight.FirstQueueJob.IsCompleted && clock.Elapsed < s_firstQueueJob && await Outage.RetryAsync(_ => Task.Run(AnyWaits), cancellationToken))
            await Task.WhenAny(inFlight.FirstQueueJob, Task.Delay(s_look, cancellationToken));

        bool AnyWaits()
        {
            try
            {
                return queues.Any(queue => monitoring.EnqueuedCount(queue) > 0);
            }
            catch (PostgresException exception) when (HangfireSchema.IsMissing(exception))
            {
                // There is no queue until the reconciler has made the schema again; the servers' fetches wait for that too.
                return false;
            }
        }
    }
}
