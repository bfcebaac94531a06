using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs.Loader;

namespace ChangeDetection.Core.Runs;

/// <summary>A row of <c>runs</c>: one train, evaluate, predict or import job. Times are UTC, by the database's clock.</summary>
public sealed record Run
{
    public Guid Id { get; init; }
    public Guid ExperimentId { get; init; }
    public string Name { get; init; } = "";
    public RunKind Kind { get; init; }
    public RunState State { get; init; }
    public string? Reason { get; init; }
    public int Priority { get; init; }
    public DeviceClass Device { get; init; }
    /// <summary>The run whose checkpoint this one reads (an evaluation's training run).</summary>
    public Guid? SourceRun { get; init; }
    public int WaitsFor { get; init; }
    /// <summary>The fence: raised by every claim.</summary>
    public int Attempt { get; init; }
    public Guid? WorkerId { get; init; }
    public string? Slot { get; init; }
    public DateTime? LeaseUntil { get; init; }
    public bool CancelRequested { get; init; }
    public bool PauseRequested { get; init; }
    public int Deaths { get; init; }
    public int Errors { get; init; }
    public int Preemptions { get; init; }
    /// <summary>The epoch being trained, from 1; null and 0 before the first step.</summary>
    public int? Epoch { get; init; }
    public long? Step { get; init; }
    public long? TotalSteps { get; init; }
    /// <summary>0 to 1.</summary>
    public double Progress { get; init; }
    public double? EtaSeconds { get; init; }
    public double? SamplesPerSecond { get; init; }
    public double? DataWaitSeconds { get; init; }
    /// <summary>JSON of the present attempt's <see cref="LoaderFigures"/>; null until its trainer has said something.</summary>
    public string? Loader { get; init; }
    /// <summary>Whose it is; null of a run of before users were recorded.</summary>
    public string? UserName { get; init; }
    /// <summary>Whether that was proved by a token, and not only said.</summary>
    public bool UserVerified { get; init; }
    public DateTime CreatedAt { get; init; }
    public DateTime? StartedAt { get; init; }
    public DateTime? FinishedAt { get; init; }
    /// <summary>Its experiment is archived.</summary>
    public bool Archived { get; init; }
}

/// <summary>A row of <c>experiments</c>: a submitted config.</summary>
public sealed record Experiment
{
    public Guid Id { get; init; }
    public string Name { get; init; } = "";
    /// <summary>The config as JSON with every default filled in.</summary>
    public string Config { get; init; } = "";
    /// <summary>The document as submitted.</summary>
    public string Source { get; init; } = "";
    /// <summary>Equal for configs that must give equal results.</summary>
    public string Digest { get; init; } = "";
    /// <inheritdoc cref="Run.UserName"/>
    public string? UserName { get; init; }
    /// <inheritdoc cref="Run.UserVerified"/>
    public bool UserVerified { get; init; }
    public DateTime CreatedAt { get; init; }
    /// <summary>Null unless it is archived.</summary>
    public DateTime? ArchivedAt { get; init; }
}

/// <summary>A row of <c>attempts</c>: one execution of a run.</summary>
public sealed record Attempt
{
    public Guid RunId { get; init; }
    public int Number { get; init; }
    public Guid WorkerId { get; init; }
    public string Host { get; init; } = "";
    public string Slot { get; init; } = "";
    public int? TrainerPid { get; init; }
    /// <summary>JSON of libtorch version, threads, instruction set and device.</summary>
    public string? Numerics { get; init; }
    /// <summary>JSON of <see cref="LoaderFigures"/>.</summary>
    public string? Loader { get; init; }
    public DateTime StartedAt { get; init; }
    public DateTime? EndedAt { get; init; }
    public AttemptEnding? Ending { get; init; }
    public string? Detail { get; init; }
}

/// <summary>How an attempt ended. Only <see cref="Failed"/> counts against the user's retries.</summary>
public enum AttemptEnding
{
    Succeeded,
    Failed,
    /// <summary>The trainer died: signal, crash, hang.</summary>
    Died,
    /// <summary>The worker shut down or drained, after a checkpoint.</summary>
    Preempted,
    Cancelled,
    /// <summary>The lease ran out: the worker died or was cut off.</summary>
    Expired,
    /// <summary>Its machine lacks what the run needs, and another may have it: a data set that was there when the run was submitted.</summary>
    Refused,
    /// <summary>
    /// Its machine was found unfit: a device that cannot compute, a store that cannot be written, a disk that is full. Nothing is charged.
    /// </summary>
    Unfit,
}

/// <summary>A row of <c>events</c>.</summary>
public sealed record RunEvent
{
    public long Id { get; init; }
    public Guid RunId { get; init; }
    public int? Attempt { get; init; }
    public DateTime At { get; init; }
    public string Type { get; init; } = "";
    public string? Detail { get; init; }
}
