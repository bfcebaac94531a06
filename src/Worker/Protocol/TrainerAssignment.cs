using ChangeDetection.Checkpoints;
using ChangeDetection.Configuration;
using ChangeDetection.Runs;

namespace ChangeDetection.Worker.Protocol;

/// <summary>Everything a trainer process is told about its attempt: the first line on its standard input. It holds no credential.</summary>
public sealed record TrainerAssignment
{
    public required Guid Run { get; init; }
    /// <summary>The fencing number; part of every object key the trainer writes.</summary>
    public required int Attempt { get; init; }
    public required RunKind Kind { get; init; }
    public required ExperimentConfig Config { get; init; }
    /// <summary>Root of the object store for checkpoints and pictures.</summary>
    public required Uri Store { get; init; }
    /// <summary><c>cpu</c> or <c>cuda:0</c> (the only GPU the process sees).</summary>
    public required string Device { get; init; }
    /// <summary>
    /// Train: checkpoints of this run to resume from, newest first; a damaged one is reported and the next is tried; empty starts afresh.
    /// Import: what an earlier attempt has published. Evaluate: the one checkpoint to evaluate.
    /// </summary>
    public IReadOnlyList<CheckpointReference> Checkpoints { get; init; } = [];
    /// <summary>Numerics of the attempt that wrote the newest checkpoint, to notice a change; null for a fresh start.</summary>
    public Numerics? PreviousNumerics { get; init; }
}
