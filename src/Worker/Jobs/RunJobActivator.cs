using ChangeDetection.Core.Queue;
using Hangfire;

namespace ChangeDetection.Worker.Jobs;

/// <summary>Gives Hangfire the one job there is, bound to the slots of its server's device class.</summary>
internal sealed class RunJobActivator(IRunJob job) : JobActivator
{
    public override object ActivateJob(Type jobType) =>
        jobType == typeof(IRunJob) ? job : throw new JobTypeRefusedException(jobType.Name);
}
