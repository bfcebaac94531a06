using System.Text.Json.Serialization;
using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>A run as <c>list --json</c> and <c>show --json</c> print it. Scripts rely on these fields.</summary>
public sealed record RunDocument
{
    public required Guid Id { get; init; }
    public required Guid Experiment { get; init; }
    public required string Name { get; init; }
    public required RunKind Kind { get; init; }
    public required RunState State { get; init; }
    public string? Reason { get; init; }
    /// <summary>The user asked for the end, and the run has not got there yet; the same for a pause.</summary>
    public bool CancelRequested { get; init; }
    /// <inheritdoc cref="CancelRequested"/>
    public bool PauseRequested { get; init; }
    public required int Attempt { get; init; }
    public Guid? Worker { get; init; }
    /// <summary>The epoch being trained, from 1; 0 before the first step, the last one when the run has finished.</summary>
    public required int Epoch { get; init; }
    public long? Step { get; init; }
    public long? TotalSteps { get; init; }
    /// <summary>0 to 1.</summary>
    public required double Progress { get; init; }
    public double? EtaSeconds { get; init; }
    public double? SamplesPerSecond { get; init; }
    /// <summary>What the present attempt's loader has done; null until its trainer has said something.</summary>
    public LoaderFigures? Loader { get; init; }
    public required int Priority { get; init; }
    public required int Deaths { get; init; }
    public required int Errors { get; init; }
    public required int Preemptions { get; init; }
    /// <summary>Whose it is; null of a run of before users were recorded.</summary>
    public string? User { get; init; }
    /// <summary>Whether a token proved that. A program with a direct connection only says who it is.</summary>
    public bool UserVerified { get; init; }
    public required DateTime CreatedAt { get; init; }
    public DateTime? StartedAt { get; init; }
    public DateTime? FinishedAt { get; init; }
    /// <summary>Its experiment is archived; left out otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Archived { get; init; }
    /// <summary>Last value of each metric.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
    /// <summary>Best value of each validation and test metric; only in <c>show</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Best { get; init; }
    /// <summary>What it was submitted with; only in <c>show</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DatasetReference>? Datasets { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AttemptDocument>? Attempts { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EventDocument>? Events { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ArtifactDocument>? Artifacts { get; init; }

    public static RunDocument Of(Run run, IReadOnlyDictionary<string, double>? metrics) => new()
    {
        Id = run.Id,
        Experiment = run.ExperimentId,
        Name = run.Name,
        Kind = run.Kind,
        State = run.State,
        Reason = run.Reason,
        CancelRequested = run.CancelRequested,
        PauseRequested = run.PauseRequested,
        Attempt = run.Attempt,
        Worker = run.WorkerId,
        Epoch = run.Epoch ?? 0,
        Step = run.Step,
        TotalSteps = run.TotalSteps,
        Progress = run.Progress,
        EtaSeconds = run.EtaSeconds,
        SamplesPerSecond = run.SamplesPerSecond,
        Loader = LoaderFigures.FromJson(run.Loader),
        Priority = run.Priority,
        Deaths = run.Deaths,
        Errors = run.Errors,
        Preemptions = run.Preemptions,
        User = run.UserName,
        UserVerified = run.UserVerified,
        CreatedAt = run.CreatedAt,
        StartedAt = run.StartedAt,
        FinishedAt = run.FinishedAt,
        Archived = run.Archived,
        Metrics = metrics ?? new Dictionary<string, double>(),
    };
}

/// <summary>An attempt in <c>show</c>.</summary>
public sealed record AttemptDocument(
    int Attempt, Guid Worker, string Host, string Slot, int? TrainerPid, DateTime StartedAt,
    DateTime? EndedAt, AttemptEnding? Ending, string? Detail, LoaderFigures? Loader);

/// <summary>An event in <c>show</c>.</summary>
public sealed record EventDocument(DateTime At, string Type, int? Attempt, string? Detail);

/// <summary>A stored file of a run in <c>show</c>.</summary>
public sealed record ArtifactDocument(string Name, Uri Location, string ContentType, long Bytes, string Sha256);

/// <summary>An experiment as <c>show</c> prints it.</summary>
public sealed record ExperimentDocument(
    Guid Experiment, string Name, string Digest, DateTime CreatedAt, IReadOnlyList<Guid> EqualTo, IReadOnlyList<RunDocument> Runs)
{
    /// <summary>Left out unless it is archived.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? ArchivedAt { get; init; }
}
