using ChangeDetection.Core.Queue;
using ChangeDetection.Worker.Jobs;
using ChangeDetection.Worker.Slots;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;

namespace ChangeDetection.Worker.Hosting;

/// <summary>
/// Where a worker turns files of weights into checkpoints: beside its slots, so that a file is not kept waiting for hours of training, and one at a time, so
/// that what it takes of the machine is bounded. A lane's run is claimed, fenced, supervised and handed back as any other.
/// </summary>
internal static class ImportLane
{
    /// <summary>A place on the CPU that is not announced among the worker's slots.</summary>
    public static Slot Slot { get; } = new("import", "CPU");

    /// <param name="job">The job of a pool of <see cref="Slot"/> alone.</param>
    /// <returns>A thread's work for a server of Hangfire's: it takes from the queues of imports and from no other.</returns>
    public static IBackgroundProcess Create(IRunJob job) => new Hangfire.Server.Worker(
        QueueNames.Imports,
        new BackgroundJobPerformer(JobFilterProviders.Providers, new RunJobActivator(job)),
        new BackgroundJobStateChanger());
}
