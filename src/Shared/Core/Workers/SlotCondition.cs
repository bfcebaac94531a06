namespace ChangeDetection.Core.Workers;

/// <summary>Whether a slot may take runs, as its worker knows it.</summary>
/// <param name="Slot">Its name.</param>
/// <param name="State"><see cref="WorkerState.Ready"/>, <see cref="WorkerState.Unfit"/> or <see cref="WorkerState.SetAside"/>.</param>
/// <param name="Reason">Why not; null when it is ready.</param>
public sealed record SlotCondition(string Slot, WorkerState State, string? Reason);

/// <summary>What a heartbeat brings back.</summary>
public sealed record WorkerOrders
{
    /// <summary>It is to hand its runs back and to leave.</summary>
    public bool Drain { get; init; }
    /// <summary>It is to look again at what is unfit or set aside, at once; told once.</summary>
    public bool Recheck { get; init; }
}
