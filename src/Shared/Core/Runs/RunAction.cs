namespace ChangeDetection.Core.Runs;

/// <summary>What a user may ask of a run.</summary>
public enum RunAction
{
    /// <summary>End it for good; one that runs makes a checkpoint first.</summary>
    Cancel,
    /// <summary>Keep it out of the queue; one that runs makes a checkpoint at its next step and gives its slot back.</summary>
    Pause,
    /// <summary>Take a pause back.</summary>
    Resume,
    /// <summary>Queue a run that failed or was cancelled again, with fresh budgets, from its last checkpoint.</summary>
    Retry,
    /// <summary>The same for one that failed; a cancelled one stays.</summary>
    RetryFailed,
}

/// <summary>What a granted action makes of a run's row, and the event that tells of it.</summary>
/// <param name="Words">What happened, for the one who asked.</param>
public sealed record ActionEffect(RunState State, bool CancelRequested, bool PauseRequested, string Event, string Words)
{
    /// <summary>Deaths and errors count from zero.</summary>
    public bool FreshBudgets { get; init; }
}

/// <summary>Which action is possible when, and what comes of it: the rule behind the verbs and the buttons.</summary>
public static class RunActions
{
    private static readonly RunAction[] s_all = [RunAction.Pause, RunAction.Resume, RunAction.Cancel, RunAction.Retry];

    /// <summary>
    /// The actions to offer for this run, in order. One that was cancelled for a run it waits for comes back with that one; an archived one is left alone.
    /// </summary>
    public static IEnumerable<RunAction> Possible(Run run) => run is { State: RunState.Cancelled, CancelRequested: false, WaitsFor: > 0 } or { Archived: true }
        ? []
        : s_all.Where(action => Grant(run, action) is not null);

    /// <summary>What the action makes of the run; null when the run's state does not allow it, or has fulfilled it.</summary>
    public static ActionEffect? Grant(Run run, RunAction action) => (action, run) switch
    {
        (RunAction.Cancel, { State: RunState.Queued or RunState.Paused }) => new(RunState.Cancelled, true, false, "cancelled", "cancelled"),
        (RunAction.Cancel, { State: RunState.Running, CancelRequested: false }) =>
            new(RunState.Running, true, run.PauseRequested, "cancel-requested", "asked to stop"),
        (RunAction.Pause, { State: RunState.Queued }) => new(RunState.Paused, false, true, "paused", "paused"),
        (RunAction.Pause, { State: RunState.Running, CancelRequested: false, PauseRequested: false }) =>
            new(RunState.Running, false, true, "pause-requested", "asked to pause"),
        (RunAction.Resume, { State: RunState.Paused }) => new(RunState.Queued, false, false, "resumed", "queued again"),
        (RunAction.Resume, { State: RunState.Running, CancelRequested: false, PauseRequested: true }) =>
            new(RunState.Running, false, false, "resumed", "its pause is taken back"),
        (RunAction.Retry, { State: RunState.Failed or RunState.Cancelled }) or (RunAction.RetryFailed, { State: RunState.Failed }) =>
            new(RunState.Queued, false, false, "retried", "queued again") { FreshBudgets = true },
        _ => null,
    };

    /// <summary>
    /// What was wished for is so already, or under way; null when it is not. Asking twice is no mistake: the first answer may have been lost.
    /// </summary>
    public static string? Fulfilled(Run run, RunAction action) => (action, run) switch
    {
        (RunAction.Cancel, { State: RunState.Cancelled }) => "cancelled already",
        (RunAction.Cancel, { State: RunState.Running, CancelRequested: true }) => "asked to stop already",
        (RunAction.Pause, { State: RunState.Paused }) => "paused already",
        (RunAction.Pause, { State: RunState.Running, CancelRequested: false, PauseRequested: true }) => "asked to pause already",
        _ => null,
    };

    /// <summary>Why the action is refused, and what would be possible instead.</summary>
    public static string Refusal(Run run, RunAction action)
    {
        var now = run switch
        {
            { State: RunState.Running, CancelRequested: true } => "is being cancelled",
            { State: RunState.Succeeded or RunState.Failed } => $"has {run.State.Word()}",
            _ => $"is {run.State.Word()}",
        };
        var refused = action is RunAction.RetryFailed && run.State is RunState.Cancelled
            ? "--failed-only leaves it"
            : $"it cannot be {Done(action)}";
        var possible = Possible(run).Select(Done).ToList();
        var instead = (run.State, possible) switch
        {
            (RunState.Succeeded, _) => "Nothing is left to do; submit its config again to train anew",
            (RunState.Cancelled, []) => "Retry the run it waits for, and it comes back with it",
            (_, []) => "Wait until it has ended; then it can be retried",
            _ => $"It can be {string.Join(" or ", possible)}",
        };
        return $"{now}, so {refused}. {instead}.";
    }

    private static string Done(RunAction action) => action switch
    {
        RunAction.Cancel => "cancelled",
        RunAction.Pause => "paused",
        RunAction.Resume => "resumed",
        _ => "retried",
    };
}
