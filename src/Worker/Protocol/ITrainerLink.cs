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
    void Progress(RunProgress progress);
    /// <summary>Blocks (bounded buffer) while the worker cannot write; nothing is dropped.</summary>
    void Metrics(IReadOnlyList<MetricPoint> points);
    void Log(TrainerLogLevel level, string text);
    /// <summary>An entry for the run's list of events, such as <c>numerics-changed</c> or <c>checkpoint-failed</c>.</summary>
    void Event(string type, string detail);
    /// <summary>Offers a checkpoint whose objects are all durable; ends when the fenced row is committed. A refusal (lease lost) throws.</summary>
    Task OfferCheckpointAsync(CheckpointRecord checkpoint, CancellationToken cancellationToken);
    /// <summary>A published checkpoint of this run cannot be resumed from: an event <c>checkpoint-damaged</c>, and it no longer counts as kept.</summary>
    void CheckpointDamaged(string prefix, string problem);
    /// <summary>Offers a stored file (a picture of a sample, a report) for the run's page.</summary>
    void Artifact(ArtifactRecord artifact);
    /// <summary>Offers a finished strip of a prediction, whose object is durable.</summary>
    void Strip(StoredStrip strip);
}

public enum TrainerLogLevel { Info, Warning, Error }
