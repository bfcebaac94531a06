using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Jobs;

/// <summary>What a worker does with a queue job: slot, claim, attempt. A queue job whose run is not to be had is simply done.</summary>
public sealed class RunJob(
    SlotPool slots, LeaseStore leases, AttemptPlan plan, AttemptStore attempts, AttemptSupervisor supervisor, WorkerIdentity worker,
    WorkerSettings settings, Task registered, CancellationToken shutdown, ILogger<RunJob> logger) : IRunJob
{
    private static readonly TimeSpan s_slotPatience = TimeSpan.FromSeconds(5);

    public async Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
    {
        try
        {
            // Whoever claims must be found among the workers.
            await registered.WaitAsync(shutdown);
            if (await slots.TakeAsync(s_slotPatience, shutdown) is { } slot)
                await ExecuteAsync(run, slot);
            else
                WorkerLog.NoSlot(logger, run);
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // Leaving before the attempt began: the queue job is lost, and the reconciler writes another.
        }
    }

    private async Task ExecuteAsync(Guid run, Slot slot)
    {
        try
        {
            // One id for all tries: a claim whose answer was lost is found again instead of made twice.
            var claimId = Guid.CreateVersion7();
            // And a claim that is on its way is waited for also when the worker leaves: it would be won by nobody, and count as a death.
            var claim = await Outage.RetryAsync(_ => leases.ClaimAsync(run, worker.Id, worker.Host, slot.Name, claimId, CancellationToken.None), shutdown);
            if (claim is not null)
                await AttemptAsync(claim, slot);
        }
        finally
        {
            slots.GiveBack(slot);
        }
    }

    private async Task AttemptAsync(Claim claim, Slot slot)
    {
        CrashPoint.Reach(CrashPoints.AttemptClaimed);
        AttemptResult judgement;
        try
        {
            var assignment = await Outage.RetryAsync(token => plan.MakeAsync(claim, slot, token), shutdown);
            await supervisor.RunAsync(claim, slot, assignment, shutdown);
            return;
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            judgement = new(AttemptEnding.Preempted, "its worker shut down", true);
        }
        catch (Exception exception)
        {
            // The top of an attempt: whatever went wrong here is this worker's or this machine's fault, and counts as a death.
            WorkerLog.NotStarted(logger, claim.Run, claim.Attempt, exception.Message);
            judgement = new(AttemptEnding.Died, exception.Message, true);
        }
        using var limit = new CancellationTokenSource(settings.CheckpointGrace);
        try
        {
            await Outage.RetryAsync(token => attempts.EndAsync(claim, judgement.Ending, judgement.Detail, judgement.Retryable, token), limit.Token);
        }
        catch (LeaseLostException)
        {
            WorkerLog.LeaseLost(logger, claim.Run, claim.Attempt);
        }
    }
}
