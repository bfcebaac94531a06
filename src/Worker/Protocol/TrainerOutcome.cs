namespace ChangeDetection.Worker.Protocol;

/// <summary>How an attempt ended, by the trainer's own word: the last message on its standard output.</summary>
public enum TrainerEnd
{
    Succeeded,
    /// <summary>Stopped on request after publishing a checkpoint (train) or at once (evaluate).</summary>
    Stopped,
    /// <summary>A user error: bad data, NaN loss, configuration. <see cref="TrainerOutcome.Retryable"/> says whether trying again can help.</summary>
    Failed,
    /// <summary>This machine lacks what the run needs, and another may have it.</summary>
    Refused,
}

/// <param name="Reason">For people; null when succeeded.</param>
/// <param name="Suspect">What it says of the machine.</param>
public sealed record TrainerOutcome(TrainerEnd End, string? Reason = null, bool Retryable = false, Suspect Suspect = Suspect.None);
