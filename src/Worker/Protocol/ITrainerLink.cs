using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Worker.Protocol;

/// <summary>
/// What a trainer can say to its worker. In a trainer process it is the pipe to the worker, who makes every fenced write;
/// tests record it in memory. Members may be called from any thread.
/// </summary>
public interface ITrainerLink
{
    /// <summary>Cancelled when the worker asks for a checkpoint at the next step boundary and an orderly end.</summary>
    CancellationToken StopRequested { get; }

    /// <summary>Once, before any work.</summary>
    void Hello(Numerics numerics);
    void Progress(TrainerProgress progress);
    /// <summary>Blocks (bounded buffer) while the worker cannot write; nothing is dropped.</summary>
    void Metrics(IReadOnlyList<MetricPoint> points);
    void Log(TrainerLogLevel level, string text);
    /// <summary>An entry for the run's list of events, such as <c>numerics-changed</c> or <c>checkpoint-failed</c>.</summary>
    void Event(string type, string detail);
    /// <summary>Offers a checkpoint whose objects are all durable; ends when the fenced row is committed. A refusal (lease lost) throws.</summary>
    Task OfferCheckpointAsync(CheckpointOffer offer, CancellationToken cancellationToken);
    /// <summary>A published checkpoint of this run cannot be resumed from: an event <c>checkpoint-damaged</c>, and it no longer counts as kept.</summary>
    void CheckpointDamaged(string prefix, string problem);
    /// <summary>Offers a stored file (a picture of a sample, a report) for the run's page.</summary>
    void Artifact(ArtifactOffer offer);
    /// <summary>Offers a finished strip of a prediction, whose object is durable.</summary>
    void Strip(StoredStrip strip);
}

public enum TrainerLogLevel { Info, Warning, Error }

/// <summary>Where the run stands. <paramref name="Fraction"/> is 0 to 1; <paramref name="EtaSeconds"/> null while unknown.</summary>
public sealed record TrainerProgress(int Epoch, long Step, long TotalSteps, double Fraction, double? EtaSeconds, LoaderFigures Loader);

/// <summary>A complete, verified, durable checkpoint that awaits its row.</summary>
public sealed record CheckpointOffer
{
    /// <summary>Key prefix of its objects, <c>runs/RUN/checkpoints/STEP-aATTEMPT</c>.</summary>
    public required string Prefix { get; init; }
    public required int Epoch { get; init; }
    public required long Step { get; init; }
    /// <summary>SHA-256 of <c>weights.safetensors</c>.</summary>
    public required string WeightsSha256 { get; init; }
    public required string ManifestSha256 { get; init; }
    /// <summary>Bytes of all its objects.</summary>
    public required long Bytes { get; init; }
    /// <summary>Best by the configured metric so far. Only checkpoints at the end of an epoch, after validation, can be.</summary>
    public required bool Best { get; init; }
    /// <summary>The last validation's metrics, by name; empty between epochs.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
}

/// <summary>A file in the object store that belongs to the run.</summary>
public sealed record ArtifactOffer(string Name, string Key, string ContentType, long Bytes, string Sha256, IReadOnlyDictionary<string, double> Metrics);
