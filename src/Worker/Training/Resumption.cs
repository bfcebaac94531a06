using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Training;

/// <summary>Brings a fresh state to where the run's newest intact checkpoint left off.</summary>
public static class Resumption
{
    /// <summary>
    /// Takes over the first checkpoint that verifies; each damaged one before it is an event, and each whose optimizer's state is no longer kept. With none
    /// left the run begins anew: it costs time, and ends in the same bits.
    /// </summary>
    /// <returns>The checkpoint's reference; null for a beginning.</returns>
    /// <exception cref="CheckpointMismatchException">A checkpoint is of another config or network.</exception>
    public static CheckpointReference? Resume(
        TrainingState state, IReadOnlyList<CheckpointReference> newestFirst, CheckpointReader reader, CheckpointOwner owner, ITrainerLink link,
        CancellationToken cancellationToken)
    {
        foreach (var reference in newestFirst)
        {
            if (reference.WeightsOnly)
            {
                link.Event(
                    "checkpoint-not-resumable",
                    $"{reference.Prefix}: of this checkpoint the weights alone are kept (checkpoint.keep_optimizer), so training cannot go on from it.");
                continue;
            }
            try
            {
                var checkpoint = reader.ReadAsync(reference, state.Layout(), owner, cancellationToken).Block();
                state.Restore(checkpoint.Contents);
                link.Log(TrainerLogLevel.Info, $"Resumed from {reference.Prefix}: epoch {state.EpochNumber}, step {state.Step}.");
                return reference;
            }
            catch (CheckpointInvalidException exception)
            {
                link.CheckpointDamaged(reference.Prefix, exception.Message);
            }
        }
        if (newestFirst.Count > 0)
            link.Event("training-restarted", "None of the run's checkpoints is intact and whole; it begins anew, and ends in the same bits.");
        return null;
    }
}
