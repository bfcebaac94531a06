namespace ChangeDetection.Core.Workers;

/// <summary>A row of <c>workers</c>: a process that owns slots.</summary>
public sealed record WorkerRecord
{
    public Guid Id { get; init; }
    public string Host { get; init; } = "";
    public int Pid { get; init; }
    public string Version { get; init; } = "";
    public WorkerState State { get; init; }
    /// <summary>Why it is not ready; of one that is ready, what it lacks. Null: nothing is to be said.</summary>
    public string? Reason { get; init; }
    public bool DrainRequested { get; init; }
    public DateTime StartedAt { get; init; }
    public DateTime SeenAt { get; init; }
    /// <summary>Seconds since its last heartbeat, by the database's clock.</summary>
    public double LeaseAgeSeconds { get; init; }
    public IReadOnlyList<SlotRecord> Slots { get; init; } = [];
}

/// <summary>A row of <c>worker_slots</c>: a device, and what runs on it.</summary>
public sealed record SlotRecord
{
    public Guid WorkerId { get; init; }
    public string Name { get; init; } = "";
    /// <summary><c>cpu</c> or <c>gpu</c>.</summary>
    public string Device { get; init; } = "";
    public string DeviceName { get; init; } = "";
    /// <summary><see cref="WorkerState.Ready"/>, <see cref="WorkerState.Unfit"/> or <see cref="WorkerState.SetAside"/>.</summary>
    public WorkerState State { get; init; }
    /// <summary>Why it takes nothing; null when it is ready.</summary>
    public string? Reason { get; init; }
    public int? TrainerPid { get; init; }
    public Guid? RunId { get; init; }
    public int? Attempt { get; init; }
}
