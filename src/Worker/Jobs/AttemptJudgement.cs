using ChangeDetection.Runs;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Jobs;

/// <summary>How an attempt ended, for its row. The trainer's own word counts first, then why it was asked to stop, then what killed it.</summary>
public sealed record AttemptJudgement(AttemptEnding Ending, string? Detail, bool Retryable)
{
    public static AttemptJudgement Of(TrainerOutcome? outcome, StopCause? cause, Func<string> postMortem) => (outcome, cause) switch
    {
        ({ End: TrainerEnd.Succeeded }, _) => new(AttemptEnding.Succeeded, null, false),
        ({ End: TrainerEnd.Failed } failed, _) => new(AttemptEnding.Failed, failed.Reason, failed.Retryable),
        (_, StopCause.Cancelled) => new(AttemptEnding.Cancelled, "cancelled by the user", false),
        (_, StopCause.Paused) => new(AttemptEnding.Preempted, "paused by the user", true),
        (_, StopCause.Shutdown) => new(AttemptEnding.Preempted, "its worker shut down", true),
        _ => new(AttemptEnding.Died, postMortem(), true),
    };
}
