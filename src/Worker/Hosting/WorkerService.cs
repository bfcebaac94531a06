using System.Diagnostics;
using System.Reflection;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;
using Hangfire;
using Hangfire.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChangeDetection.Worker.Hosting;

/// <summary>
/// A worker's life: wait for the schema, announce the slots, take queue jobs, beat, and leave in order. When it leaves it first stops taking
/// queue jobs, then lets each trainer make a checkpoint and hands the runs back.
/// </summary>
public sealed class WorkerService(
    WorkerSettings settings, LeaseSettings lease, NpgsqlDataSource database, TrainerCommand trainer,
    IHostApplicationLifetime lifetime, ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_firstQueueJob = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_repeat = TimeSpan.FromSeconds(30);

    private readonly WorkerIdentity _identity = WorkerIdentity.Create();
    private readonly CancellationTokenSource _shutdown = new();
    private readonly List<BackgroundJobServer> _servers = [];
    private readonly InFlightJobs _inHand = new();
    private readonly WorkerStore _workers = new(database);
    private readonly LeaseStore _leases = new(database, lease);
    private readonly ILogger _logger = loggers.CreateLogger<WorkerService>();
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await WaitForSchemaAsync(stoppingToken);
        var slots = settings.Slots is { } given ? SlotList.Parse(given) : await DeviceProbe.SlotsAsync(trainer, stoppingToken);
        // Everything slow comes first (compiling included, so a claim is made for nobody): when a worker says that it is ready and a run
        // waits, the queue job is in its hand.
        await Outage.RetryAsync(token => _leases.ClaimAsync(Guid.Empty, _identity.Id, _identity.Host, "", Guid.Empty, token), stoppingToken);
        var storage = await Outage.RetryAsync(_ => Task.Run(() => HangfireSetup.CreateStorage(settings.Database)), stoppingToken);
        var servers = ServerOptions(slots).ToList();
        _servers.AddRange(servers.Select(options => new BackgroundJobServer(options, storage)));
        await FirstQueueJobAsync(storage.GetMonitoringApi(), servers.SelectMany(options => options.Queues).Distinct().ToList(), stoppingToken);
        await Outage.RetryAsync(token => _workers.RegisterAsync(Announcement(slots), token), stoppingToken);
        _registered.SetResult();
        WorkerLog.Ready(_logger, _identity.Id, string.Join(", ", slots.Select(slot => $"{slot.Name} ({slot.DeviceName})")));
        await BeatAsync(stoppingToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        WorkerLog.Leaving(_logger, "asked to stop");
        // First no new queue jobs, then no more trainers: a run handed back must not come straight back to us.
        foreach (var server in _servers)
            server.SendStop();
        await _shutdown.CancelAsync();
        try
        {
            await _inHand.EmptyAsync(settings.CheckpointGrace * 2, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Their leases will expire. Whoever else waits for this worker is still to be told that it goes.
            WorkerLog.RunsLeftBehind(_logger);
        }
        foreach (var server in _servers)
            server.Dispose();
        await base.StopAsync(cancellationToken);
        if (_registered.Task.IsCompleted)
            await SayGoodbyeAsync();
    }

    public override void Dispose()
    {
        _shutdown.Dispose();
        base.Dispose();
    }

    private async Task WaitForSchemaAsync(CancellationToken cancellationToken)
    {
        // However long the outage: a worker started while the database is down waits. It says so soon, and then now and then.
        for (var patience = s_beat; ; patience = s_repeat)
        {
            try
            {
                await Migrator.WaitForVersionAsync(database, patience, cancellationToken);
                return;
            }
            catch (Exception exception) when (exception is MigrationException || Outage.IsOutage(exception))
            {
                WorkerLog.WaitingForSchema(_logger, exception.Message);
                // A refusal comes at once, however long the patience.
                await Task.Delay(s_beat, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Where runs wait, until one has come: a machine that is busy takes seconds to start Hangfire's threads. Other workers may be quicker, so the wait
    /// ends with the queue; and after a while in any case.
    /// </summary>
    private async Task FirstQueueJobAsync(IMonitoringApi monitoring, IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (!_inHand.FirstQueueJob.IsCompleted && clock.Elapsed < s_firstQueueJob && await Outage.RetryAsync(_ => Task.Run(AnyWaits), cancellationToken))
            await Task.WhenAny(_inHand.FirstQueueJob, Task.Delay(s_look, cancellationToken));

        bool AnyWaits() => queues.Any(queue => monitoring.EnqueuedCount(queue) > 0);
    }

    private WorkerRecord Announcement(IReadOnlyList<Slot> slots) => new()
    {
        Id = _identity.Id,
        Host = _identity.Host,
        Pid = _identity.Pid,
        Version = typeof(WorkerService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
        Slots = [.. slots.Select(slot => new SlotRecord
        {
            WorkerId = _identity.Id,
            Name = slot.Name,
            Device = slot.Device.ToString().ToLowerInvariant(),
            DeviceName = slot.DeviceName,
        })],
    };

    /// <summary>One Hangfire server per device class, so that CPU work never holds a GPU's slot.</summary>
    private IEnumerable<BackgroundJobServerOptions> ServerOptions(IReadOnlyList<Slot> slots)
    {
        var attempts = new AttemptStore(database, lease);
        var plan = new AttemptPlan(new RunStore(database), attempts, new CheckpointStore(database), new StripStore(database), settings.Store);
        var supervisor = new AttemptSupervisor(database, _leases, lease, attempts, trainer, settings, loggers.CreateLogger<AttemptSupervisor>());
        foreach (var group in slots.GroupBy(slot => slot.Device))
        {
            var job = new RunJob(new SlotPool(group), _leases, plan, attempts, supervisor, _identity, settings, _registered.Task, _shutdown.Token, loggers.CreateLogger<RunJob>());
            var options = HangfireSetup.ServerOptions(
                $"{_identity.Host}:{_identity.Pid}:{group.Key.ToString().ToLowerInvariant()}", group.Key, group.Count(),
                settings.CheckpointGrace, new RunJobActivator(_inHand.Count(job)));
            if (settings.Queues is { } queues)
                options.Queues = queues.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            yield return options;
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        var watching = WatchLeasesAsync(cancellationToken);
        using var timer = new PeriodicTimer(s_beat);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (watching.IsFaulted)
                break;
            try
            {
                if (await _workers.HeartbeatAsync(_identity.Id, cancellationToken))
                {
                    WorkerLog.Leaving(_logger, "drain");
                    lifetime.StopApplication();
                    break;
                }
            }
            catch (Exception exception) when (Outage.IsOutage(exception))
            {
                WorkerLog.DatabaseAway(_logger, exception.Message);
            }
        }
        await watching;
    }

    /// <summary>Workers take each other's leases back too: a system without its scheduler still notices a death.</summary>
    private async Task WatchLeasesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(lease.LookEvery);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            await Outage.RetryAsync(_leases.ExpireAsync, cancellationToken);
    }

    private async Task SayGoodbyeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _workers.SetStateAsync(_identity.Id, WorkerState.Stopped, limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException || Outage.IsOutage(exception))
        {
            WorkerLog.DatabaseAway(_logger, exception.Message);
        }
    }
}
