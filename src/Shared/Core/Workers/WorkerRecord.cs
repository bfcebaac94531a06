namespace ChangeDetection.Core.Workers;

public enum WorkerState { Ready, Draining, Stopped, Lost }

/// <summary>A row of <c>workers</c>: a process that owns slots.</summary>
public sealed record WorkerRecord
{
    public Guid Id { get; init; }
    public string Host { get; init; } = "";
    public int Pid { get; init; }
    public string Version { get; init; } = "";
    public WorkerState State { get; init; }
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
    public int? TrainerPid { get; init; }
    public Guid? RunId { get; init; }
    public int? Attempt { get; init; }
}
