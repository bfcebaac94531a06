namespace ChangeDetection.Core.Runs;

/// <summary>Where a run stands. <see cref="RunTransitions"/> says which may follow which.</summary>
public enum RunState { Queued, Running, Paused, Succeeded, Failed, Cancelled }

/// <summary>A legal change of state, and who makes it.</summary>
/// <param name="Event">What the change is called, in a word or two.</param>
/// <param name="By">Who makes it, and when; a sentence without its full stop.</param>
public sealed record RunTransition(RunState From, RunState To, string Event, string By);

/// <summary>
/// The legal transitions. Every statement that changes a state makes one of these: a test holds the SQL against this table, another the diagram
/// in <c>docs/run-states.md</c>.
/// </summary>
public static class RunTransitions
{
    public static IReadOnlyList<RunTransition> All { get; } =
    [
        new(RunState.Queued, RunState.Running, "claim", "A worker with a free slot claims it (`LeaseStore.ClaimAsync`), the only way to a fencing number"),
        new(RunState.Queued, RunState.Paused, "pause", "The user (`RunActionStore`)"),
        new(RunState.Queued, RunState.Cancelled, "cancel, parent lost",
            "The user (`RunActionStore`), or the reconciler when a run it waits for failed or was cancelled (`DependencyStore`)"),
        new(RunState.Running, RunState.Succeeded, "finish", "Its worker, when the trainer says so (`AttemptStore.EndAsync`)"),
        new(RunState.Running, RunState.Failed, "error, last death",
            "Its worker (`AttemptStore.EndAsync`) when the retries are used up or cannot help; the scheduler or a worker that finds its lease " +
            "expired (`LeaseStore.ExpireAsync`) at the last death"),
        new(RunState.Running, RunState.Queued, "death, hand-back, retry",
            "Its worker (`AttemptStore.EndAsync`) after a death, an error with retries left, or its own shutdown; the scheduler or a worker that " +
            "finds its lease expired (`LeaseStore.ExpireAsync`)"),
        new(RunState.Running, RunState.Paused, "pause",
            "Its worker (`AttemptStore.EndAsync`) when a pause was asked for; the scheduler or a worker that finds its lease expired meanwhile " +
            "(`LeaseStore.ExpireAsync`)"),
        new(RunState.Running, RunState.Cancelled, "cancel",
            "Its worker (`AttemptStore.EndAsync`) when the end was asked for; the scheduler or a worker that finds its lease expired meanwhile " +
            "(`LeaseStore.ExpireAsync`)"),
        new(RunState.Paused, RunState.Queued, "resume", "The user (`RunActionStore`)"),
        new(RunState.Paused, RunState.Cancelled, "cancel, parent lost",
            "The user (`RunActionStore`), or the reconciler when a run it waits for failed or was cancelled (`DependencyStore`)"),
        new(RunState.Failed, RunState.Queued, "retry", "The user (`RunActionStore`): deaths and errors start from zero, training from the last checkpoint"),
        new(RunState.Cancelled, RunState.Queued, "retry",
            "The user (`RunActionStore`); the reconciler when the run it was cancelled for was retried (`DependencyStore`)"),
    ];

    private static readonly HashSet<(RunState, RunState)> s_legal = [.. All.Select(transition => (transition.From, transition.To))];

    public static bool IsLegal(RunState from, RunState to) => s_legal.Contains((from, to));

    /// <summary>Reads the database's word; null for null.</summary>
    public static RunState? Parse(string? text) => text is null ? null : Enum.Parse<RunState>(text, ignoreCase: true);

    /// <summary>The database's word.</summary>
    public static string Word(this RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>Ended for good, unless the user asks for a retry.</summary>
    public static bool IsTerminal(this RunState state) => state is RunState.Succeeded or RunState.Failed or RunState.Cancelled;
}
