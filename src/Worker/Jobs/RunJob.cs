using ChangeDetection.Core.Database;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Fitness;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Jobs;

/// <summary>What a worker does with a queue job: slot, claim, attempt. A queue job whose run cannot be claimed is simply done.</summary>
public sealed class RunJob(
    SlotPool slots, LeaseStore leases, QueueJobs queueJobs, WorkerFitness fitness, WorkerIdentity worker, ClaimedAttempt attempt, WorkerLifetime life,
    ILogger<RunJob> logger) : IRunJob
{
    private static readonly TimeSpan s_slotPatience = TimeSpan.FromSeconds(5);

    public async Task ExecuteAsync(Guid run, CancellationToken cancellationToken)
    {
        try
        {
            // The worker of a claim must be found among the workers.
            await life.Registered.WaitAsync(life.Leaving);
            if (await fitness.HindranceAsync(run, life.Leaving) is { } hindrance)
            {
                await Outage.RetryAsync(token => queueJobs.LeaveAloneAsync(run, hindrance, token), life.Leaving);
                return;
            }
            if (await slots.TakeAsync(s_slotPatience, life.Leaving) is { } slot)
                await ExecuteAsync(run, slot);
            else
                await GiveBackAsync(run);
        }
        catch (OperationCanceledException) when (life.Leaving.IsCancellationRequested)
        {
            // Leaving before the attempt began: the queue job is lost, and the reconciler writes another.
        }
    }

    /// <summary>A queue job that found no slot: the run gets another one at once, which some other worker may draw.</summary>
    private async Task GiveBackAsync(Guid run)
    {
        WorkerLog.NoSlot(logger, run);
        await Outage.RetryAsync(token => queueJobs.GiveBackAsync(run, token), life.Leaving);
    }

    private async Task ExecuteAsync(Guid run, Slot slot)
    {
        try
        {
            // One id for all tries: a claim whose answer was lost is found again instead of made twice.
            var claimId = Guid.CreateVersion7();
            // And a claim that is on its way is waited for also when the worker leaves: a claim without an attempt would count as a death.
            var claim = await Outage.RetryAsync(_ => leases.ClaimAsync(run, worker.Id, worker.Host, slot.Name, claimId, CancellationToken.None), life.Leaving);
            if (claim is not null)
                await attempt.RunAsync(claim, slot);
        }
        finally
        {
            slots.GiveBack(slot);
        }
    }
}
