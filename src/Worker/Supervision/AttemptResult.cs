using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Supervision;

/// <summary>
/// How an attempt ended, for its row. The trainer's own word counts first; then why it was asked to stop, if it did or had to be made to; then what
/// killed it. One that crashed on its way to a checkpoint died like any other.
/// </summary>
public sealed record AttemptResult(AttemptEnding Ending, string? Detail, bool Retryable)
{
    /// <summary>What the end says of the machine.</summary>
    public Suspect Suspect { get; init; }

    /// <summary>The machine is at fault: nothing is charged, and the run waits for a sound one.</summary>
    public static AttemptResult OfMachine(string trouble) => new(AttemptEnding.Unfit, trouble, true);

    /// <param name="cause">Why the trainer was asked to stop; null when it was not.</param>
    /// <param name="forced">It did not stop within the grace, and was killed.</param>
    public static AttemptResult Of(TrainerOutcome? outcome, StopCause? cause, bool forced, Func<PostMortem> postMortem) => (outcome, cause) switch
    {
        ({ End: TrainerEnd.Succeeded }, _) => new(AttemptEnding.Succeeded, null, false),
        ({ End: TrainerEnd.Failed } failed, _) => new(AttemptEnding.Failed, failed.Reason, failed.Retryable) { Suspect = failed.Suspect },
        ({ End: TrainerEnd.Refused } refused, not StopCause.Cancelled) =>
            new(AttemptEnding.Refused, refused.Reason, true) { Suspect = refused.Suspect },
        (_, StopCause.Cancelled) => new(AttemptEnding.Cancelled, "cancelled by the user", false),
        ({ End: TrainerEnd.Stopped }, { } asked) => new(AttemptEnding.Preempted, Why(asked), true),
        (null, { } asked) when forced => new(AttemptEnding.Preempted, $"{Why(asked)}; it made no checkpoint in time and was killed", true),
        _ => Died(postMortem()),
    };

    private static AttemptResult Died(PostMortem body)
    {
        var (cause, retryable) = body.Judge();
        // What would repeat itself for certain is the run's.
        return new(AttemptEnding.Died, cause, retryable) { Suspect = retryable ? Suspect.Device : Suspect.None };
    }

    private static string Why(StopCause cause) => cause is StopCause.Paused ? "stopped for a pause" : "its worker shut down";
}
