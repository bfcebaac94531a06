using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Settings;
using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;
using Microsoft.Extensions.Logging;

namespace ChangeDetection.Worker.Jobs;

/// <summary>From the claim on: plans the attempt and has it supervised. One that cannot begin is ended here, so that its run moves on.</summary>
public sealed class ClaimedAttempt(
    AttemptPlan plan, AttemptSupervisor supervisor, AttemptStore attempts, LeaseSettings lease, WorkerSettings settings, WorkerLifetime life,
    FaultJudge judge, ILogger<ClaimedAttempt> logger)
{
    public async Task RunAsync(Claim claim, Slot slot)
    {
        CrashPoint.Reach(CrashPoints.AttemptClaimed);
        AttemptResult result;
        try
        {
            var assignment = await Outage.RetryAsync(token => plan.MakeAsync(claim, slot, token), life.Leaving);
            await supervisor.RunAsync(claim, slot, assignment, life.Leaving);
            return;
        }
        catch (OperationCanceledException) when (life.Leaving.IsCancellationRequested)
        {
            result = new(AttemptEnding.Preempted, "its worker shut down", true);
        }
        catch (Exception exception)
        {
            // The top of an attempt: whatever went wrong here is this worker's or this machine's fault, and counts as a death.
            var why = DatabaseProblem.Describe(exception);
            WorkerLog.NotStarted(logger, claim.Run, claim.Attempt, why);
            result = await judge(claim.Run, slot, new(AttemptEnding.Died, why, true) { Suspect = Suspect.Device }, life.Leaving);
        }
        using var limit = new CancellationTokenSource(settings.CheckpointGrace);
        try
        {
            await Outage.RetryAsync(token => attempts.EndAsync(claim, result.Ending, result.Detail, result.Retryable, lease, token), limit.Token);
        }
        catch (LeaseLostException)
        {
            WorkerLog.LeaseLost(logger, claim.Run, claim.Attempt);
        }
    }
}
