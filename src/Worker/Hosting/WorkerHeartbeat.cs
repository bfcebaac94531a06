using System.Reflection;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.Worker.Fitness;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Worker.Hosting;

/// <summary>The worker's own row: announced, renewed while it lives, and marked when it leaves.</summary>
public sealed class WorkerHeartbeat(
    NpgsqlDataSource database, WorkerStore workers, SupervisedWorkers supervised, LeaseStore leases, LeaseSettings lease, WorkerIdentity identity,
    SlotConditions conditions, WorkerFitness fitness, ILogger<WorkerHeartbeat> logger)
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(5);

    /// <summary>Commits the worker's row and those of its slots.</summary>
    public async Task AnnounceAsync(IReadOnlyList<Slot> slots, CancellationToken cancellationToken)
    {
        await Outage.RetryAsync(token => workers.RegisterAsync(Announcement(slots), token), cancellationToken);
        if (Environment.GetEnvironmentVariable(SupervisedWorkers.NameVariable) is { Length: > 0 } name)
            await Outage.RetryAsync(token => supervised.NameAsync(identity.Id, name, token), cancellationToken);
        if (slots.Where(conditions.IsReady).ToList() is { Count: > 0 } ready)
            WorkerLog.Ready(logger, identity.Id, string.Join(", ", ready.Select(slot => $"{slot.Name} ({slot.DeviceName})")));
        else
            WorkerLog.NotReady(logger, identity.Id);
    }

    /// <summary>Beats until cancelled, or until the worker is to be drained.</summary>
    /// <param name="drain">Called once when it is.</param>
    public async Task RunAsync(Action drain, CancellationToken cancellationToken)
    {
        var watching = WatchLeasesAsync(cancellationToken);
        var looking = fitness.RunAsync(cancellationToken);
        using var timer = new PeriodicTimer(s_beat);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (watching.IsFaulted || looking.IsFaulted)
                break;
            try
            {
                var orders = await workers.HeartbeatAsync(identity.Id, cancellationToken);
                if (orders.Recheck)
                    fitness.LookNow();
                if (orders.Drain)
                {
                    WorkerLog.Leaving(logger, "drain");
                    drain();
                    break;
                }
                if (await Migrator.NewerStepAsync(database, cancellationToken) is { } step)
                {
                    WorkerLog.DatabaseNewer(logger, step);
                    await workers.SetStateAsync(identity.Id, WorkerState.Draining, cancellationToken);
                    drain();
                    break;
                }
            }
            catch (Exception exception) when (Outage.IsOutage(exception))
            {
                WorkerLog.DatabaseAway(logger, DatabaseProblem.Describe(exception));
            }
        }
        // Whichever broke ends the worker with its fault; otherwise both go on until it leaves.
        await await Task.WhenAny(watching, looking);
    }

    /// <summary>Marks the worker as stopped, if the database answers soon; otherwise its silence will tell.</summary>
    public async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(s_goodbye);
        try
        {
            await workers.SetStateAsync(identity.Id, WorkerState.Stopped, limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException || Outage.IsOutage(exception))
        {
            WorkerLog.DatabaseAway(logger, DatabaseProblem.Describe(exception));
        }
    }

    /// <summary>Workers take each other's leases back too: a system without its scheduler still notices a death.</summary>
    private async Task WatchLeasesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(lease.LookEvery);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            await Outage.RetryAsync(leases.ExpireAsync, cancellationToken);
    }

    private WorkerRecord Announcement(IReadOnlyList<Slot> slots) => new()
    {
        Id = identity.Id,
        Host = identity.Host,
        Pid = identity.Pid,
        Version = typeof(WorkerHeartbeat).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        Reason = fitness.Reason,
        Slots = [.. slots.Select(slot => new SlotRecord
        {
            WorkerId = identity.Id,
            Name = slot.Name,
            Device = slot.Device.ToString().ToLowerInvariant(),
            DeviceName = slot.DeviceName,
            State = conditions.Of(slot).State,
            Reason = conditions.Of(slot).Reason,
        })],
    };
}
