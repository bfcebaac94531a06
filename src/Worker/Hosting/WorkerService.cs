using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Worker.Fitness;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Hosting;

/// <summary>
/// A worker's life: wait for the schema, check the machine, take queue jobs, announce the slots, beat, and leave in order. When it leaves it first
/// stops taking queue jobs, then lets each trainer make a checkpoint and hands the runs back.
/// </summary>
public sealed class WorkerService(
    SchemaWait schema, DeviceProbe devices, WorkerFitness fitness, JobServers jobs, WorkerHeartbeat heartbeat, WorkerLifetime life,
    IHostApplicationLifetime host, ILogger<WorkerService> logger) : BackgroundService
{
    /// <summary>Why it does not work for the system that it was pointed at; null while nothing speaks against it.</summary>
    public Exception? Refusal { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var schemaThere = schema.WaitAsync(stoppingToken);
        var slots = await devices.SlotsAsync(stoppingToken);
        await fitness.BeginAsync([.. slots, ImportLane.Slot], stoppingToken);
        try
        {
            await schemaThere;
        }
        catch (Exception refusal) when (refusal is SystemIdentityException or MigrationException { IsNewer: true })
        {
            Refusal = refusal;
            host.StopApplication();
            return;
        }
        // Everything slow comes before the announcement: when a worker logs that it is ready and a run waits, the queue job is in its hand.
        await jobs.StartAsync(slots, stoppingToken);
        await heartbeat.AnnounceAsync(slots, stoppingToken);
        life.SetRegistered();
        await heartbeat.RunAsync(Drain, stoppingToken);
    }

    private void Drain()
    {
        life.SetDrained();
        host.StopApplication();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        WorkerLog.Leaving(logger, "asked to stop");
        // First no new queue jobs, then no more trainers: a run handed back must not come straight back to us.
        jobs.StopTaking();
        await life.LeaveAsync();
        try
        {
            await jobs.EmptyAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Their leases will expire. Everything else that depends on this worker still has to learn that it goes.
            WorkerLog.RunsLeftBehind(logger);
        }
        jobs.Dispose();
        await base.StopAsync(cancellationToken);
        if (life.Registered.IsCompleted)
            await heartbeat.EndAsync();
    }
}
