using ChangeDetection.Core.Runs;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// Writes checkpoints and has them published. A store that fails costs a checkpoint, not the training: it goes on, and ends only
/// after <see cref="MaxFailures"/> failures in a row.
/// </summary>
public sealed class CheckpointPublisher(CheckpointWriter writer, ITrainerLink link)
{
    public const int MaxFailures = 3;

    private int _failures;
    private (long Step, int Position)? _published;

    /// <summary>True when the checkpoint is durable and its row committed.</summary>
    /// <exception cref="CheckpointsFailedException">This was the last failure in a row that is borne.</exception>
    /// <exception cref="DivergedException">A weight is not finite.</exception>
    public bool TryPublish(TrainingState state, bool best, IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        if (_published == (state.Step, state.Position))
            return true;
        if (TryPublish(state.Capture(), best, metrics, cancellationToken) is null)
            return false;
        _published = (state.Step, state.Position);
        return true;
    }

    /// <summary>What was published, once it is durable and its row committed; null when the store failed.</summary>
    /// <exception cref="CheckpointsFailedException">This was the last failure in a row that is borne.</exception>
    public CheckpointRecord? TryPublish(
        CheckpointContents contents, bool best, IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        CheckpointRecord checkpoint;
        try
        {
            checkpoint = writer.WriteAsync(contents, best, metrics, cancellationToken).Block();
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            _failures++;
            link.Event("checkpoint-failed", $"Step {contents.Step}, failure {_failures} of {MaxFailures} in a row: {exception.Message}");
            if (_failures == MaxFailures)
                throw new CheckpointsFailedException(exception);
            return null;
        }
        link.OfferCheckpointAsync(checkpoint, cancellationToken).GetAwaiter().GetResult();
        link.Log(TrainerLogLevel.Info, AttemptLog.Checkpoint(checkpoint.Step, checkpoint.Bytes, checkpoint.Prefix, best));
        _failures = 0;
        return checkpoint;
    }

    /// <summary>The state was just read from a published checkpoint.</summary>
    public void Resumed(TrainingState state) => _published = (state.Step, state.Position);
}

/// <summary>No checkpoint could be written several times in a row.</summary>
public sealed class CheckpointsFailedException(Exception last)
    : Exception(
        $"{CheckpointPublisher.MaxFailures} checkpoints in a row could not be written; the ones before are intact. The last failure: {last.Message}",
        last);
