namespace ChangeDetection.Core.Checkpoints;

/// <summary>
/// How epochs are counted wherever people or scripts see them: the epoch being trained, from 1. It is 0 before the first step, and stays what it is
/// until the first step of the next epoch, so that a run that has finished is in its last one. Inside, completed epochs are counted, which is also the
/// number of the current epoch from 0.
/// </summary>
public static class EpochNumber
{
    /// <param name="completed">Epochs that are done.</param>
    /// <param name="position">Samples done of the epoch after them.</param>
    public static int Of(int completed, int position) => position > 0 ? completed + 1 : completed;
}
