using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Training;

/// <summary>Brings a fresh state to where the run's newest intact checkpoint left off.</summary>
public static class Resumption
{
    /// <summary>
    /// Takes over the first checkpoint that verifies; each damaged one before it is an event. With none left the run begins anew: it costs time,
    /// and ends in the same bits.
    /// </summary>
    /// <returns>The checkpoint's reference; null for a beginning.</returns>
    /// <exception cref="CheckpointMismatchException">A checkpoint is of another config or network.</exception>
    public static CheckpointReference? Resume(
        TrainingState state, IReadOnlyList<CheckpointReference> newestFirst, CheckpointReader reader, CheckpointOwner owner, ITrainerLink link,
        CancellationToken cancellationToken)
    {
        foreach (var reference in newestFirst)
        {
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
            link.Event("training-restarted", "None of the run's checkpoints is intact; it begins anew, and ends in the same bits.");
        return null;
    }
}
