namespace ChangeDetection.Runs;

/// <summary>Where a run stands. <see cref="RunTransitions"/> says which may follow which.</summary>
public enum RunState { Queued, Running, Paused, Succeeded, Failed, Cancelled }

/// <summary>The legal transitions; every statement that changes a state makes one of these, and a test holds the SQL against this table.</summary>
public static class RunTransitions
{
    private static readonly Dictionary<RunState, RunState[]> s_next = new()
    {
        [RunState.Queued] = [RunState.Running, RunState.Paused, RunState.Cancelled, RunState.Failed],
        [RunState.Running] = [RunState.Queued, RunState.Paused, RunState.Succeeded, RunState.Failed, RunState.Cancelled],
        [RunState.Paused] = [RunState.Queued, RunState.Cancelled],
        [RunState.Succeeded] = [],
        [RunState.Failed] = [RunState.Queued],
        [RunState.Cancelled] = [RunState.Queued],
    };

    public static bool IsLegal(RunState from, RunState to) => s_next[from].Contains(to);

    /// <summary>Reads the database's word; null for null.</summary>
    public static RunState? Parse(string? text) => text is null ? null : Enum.Parse<RunState>(text, ignoreCase: true);

    /// <summary>Ended for good, unless the user asks for a retry.</summary>
    public static bool IsTerminal(this RunState state) => state is RunState.Succeeded or RunState.Failed or RunState.Cancelled;
}
