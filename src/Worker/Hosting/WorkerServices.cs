using ChangeDetection.Core.Database;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Core.Workers;
using ChangeDetection.Worker.Fitness;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;
using Microsoft.Extensions.DependencyInjection;

namespace ChangeDetection.Worker.Hosting;

/// <summary>What a worker is made of, a line each, from the rows of the database up to its life.</summary>
internal static class WorkerServices
{
    public static IServiceCollection AddWorker(this IServiceCollection services, WorkerSettings settings, LeaseSettings lease) => services
        // Settings and identity.
        .AddSingleton(settings)
        .AddSingleton(lease)
        .AddSingleton(WorkerIdentity.Create())
        .AddSingleton(TrainerCommand.Self())
        // Rows.
        .AddSingleton(_ => DataSources.Create(settings.Database, "changedetection worker"))
        .AddSingleton<WorkerStore>()
        .AddSingleton<SupervisedWorkers>()
        .AddSingleton<LeaseStore>()
        .AddSingleton<RunStore>()
        .AddSingleton<AttemptStore>()
        .AddSingleton<CheckpointStore>()
        .AddSingleton<StripStore>()
        .AddSingleton<DatasetStore>()
        .AddSingleton<QueueJobs>()
        // What the machine can do.
        .AddSingleton(TimeProvider.System)
        .AddSingleton<SlotConditions>()
        .AddSingleton<SelfCheck>()
        .AddSingleton<WorkerFitness>()
        .AddSingleton<FaultJudge>(provider => provider.GetRequiredService<WorkerFitness>().JudgeAsync)
        // From a queue job to an attempt.
        .AddSingleton<AttemptPlan>()
        .AddSingleton<AttemptSupervisor>()
        .AddSingleton<ClaimedAttempt>()
        .AddSingleton<InFlightJobs>()
        .AddSingleton<Func<SlotPool, RunJob>>(provider => slots => ActivatorUtilities.CreateInstance<RunJob>(provider, slots))
        // The worker's life.
        .AddSingleton<WorkerLifetime>()
        .AddSingleton<SchemaWait>()
        .AddSingleton<DeviceProbe>()
        .AddSingleton<JobServers>()
        .AddSingleton<WorkerHeartbeat>()
        .AddHostedService<WorkerService>();
}
