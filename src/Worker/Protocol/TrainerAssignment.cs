using System.Text.Json.Serialization;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;

namespace ChangeDetection.Worker.Protocol;

/// <summary>Everything a trainer process gets to know of its attempt: the first line on its standard input. It holds no credential.</summary>
public sealed record TrainerAssignment
{
    public required Guid Run { get; init; }
    /// <summary>The fencing number; part of every object key the trainer writes.</summary>
    public required int Attempt { get; init; }
    public required RunKind Kind { get; init; }
    /// <summary>Null for a run that is not an experiment's.</summary>
    [JsonPropertyName("config")]
    public ExperimentConfig? Experiment { get; init; }
    /// <summary>The experiment's config.</summary>
    /// <exception cref="InvalidOperationException">The run is not an experiment's.</exception>
    [JsonIgnore]
    public ExperimentConfig Config
    {
        get => Experiment ?? throw new InvalidOperationException($"Run {Run}, which is to {Kind}, has no experiment config.");
        init => Experiment = value;
    }
    /// <summary>What to predict; null for a run of another kind.</summary>
    public PredictionRequest? Prediction { get; init; }
    /// <summary>Predict: the strips that attempts before have finished.</summary>
    public IReadOnlyList<StoredStrip> Strips { get; init; } = [];
    /// <summary>What the run was submitted with; none of a run of before they were recorded.</summary>
    public IReadOnlyList<DatasetReference> Datasets { get; init; } = [];
    /// <summary>Root of the object store for checkpoints and pictures.</summary>
    public required Uri Store { get; init; }
    /// <summary><c>cpu</c> or <c>cuda:0</c> (the only GPU the process sees).</summary>
    public required string Device { get; init; }
    /// <summary>Compute threads of the trainer.</summary>
    [JsonIgnore]
    public int Threads => Prediction?.Resources.Threads ?? Config.Resources.Threads;
    /// <summary>
    /// Train: checkpoints of this run to resume from, newest first; a damaged one is reported and the next is tried; empty starts afresh.
    /// Import: what an earlier attempt has published. Evaluate: the one checkpoint to evaluate.
    /// </summary>
    public IReadOnlyList<CheckpointReference> Checkpoints { get; init; } = [];
    /// <summary>Numerics of the attempt that wrote the newest checkpoint, to notice a change; null for a fresh start.</summary>
    public Numerics? PreviousNumerics { get; init; }
}
