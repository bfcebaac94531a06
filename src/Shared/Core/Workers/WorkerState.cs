namespace ChangeDetection.Core.Workers;

/// <summary>What a worker, or one of its slots, is up to.</summary>
public enum WorkerState
{
    /// <summary>It takes runs.</summary>
    Ready,
    /// <summary>Its last self-check failed. It takes nothing, looks again by itself, and is ready when the check passes.</summary>
    Unfit,
    /// <summary>
    /// Two different runs died on it one after the other. It takes nothing until a later self-check passes, or until it is brought back.
    /// </summary>
    SetAside,
    /// <summary>It hands its runs back and leaves.</summary>
    Draining,
    /// <summary>It has left.</summary>
    Stopped,
    /// <summary>It fell silent.</summary>
    Lost,
}

/// <summary>The words of the states, which stand in the database and in what <c>--json</c> prints.</summary>
public static class WorkerStates
{
    /// <summary>Of SQL: the process is there.</summary>
    internal const string Living = "('ready', 'unfit', 'set-aside', 'draining')";

    /// <summary>Of SQL: the state that a worker's slots give it, of the row <c>workers</c>; one without slots is ready.</summary>
    internal const string OfSlots =
        """
        (select case when bool_or(slot.state = 'ready') or count(*) = 0 then 'ready'
                     when bool_or(slot.state = 'unfit') then 'unfit' else 'set-aside' end
         from worker_slots slot where slot.worker_id = workers.id)
        """;

    /// <summary>The database's word.</summary>
    public static string Word(this WorkerState state) => state is WorkerState.SetAside ? "set-aside" : state.ToString().ToLowerInvariant();

    /// <summary>Whether its process is there.</summary>
    public static bool IsLiving(this WorkerState state) => state is not (WorkerState.Stopped or WorkerState.Lost);
}
