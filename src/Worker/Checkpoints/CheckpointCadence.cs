using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>When a checkpoint is due. Time only decides when one is written, never what the training computes.</summary>
public sealed class CheckpointCadence(CheckpointConfig config, TimeProvider time)
{
    private long _last = time.GetTimestamp();

    /// <summary>Between two steps of an epoch: when the last try is <c>every_minutes</c> ago.</summary>
    public bool DueAtStep() => time.GetElapsedTime(_last) >= TimeSpan.FromMinutes(config.EveryMinutes);

    /// <summary>
    /// Behind an epoch, <paramref name="completed"/> of which are done: every <c>every_epochs</c>, for a new best, and by time. At the end one is due
    /// anyway.
    /// </summary>
    public bool DueAtEpochEnd(int completed, bool best) => best || completed % config.EveryEpochs == 0 || DueAtStep();

    /// <summary>A checkpoint was tried. A failed one waits for the next occasion too, instead of holding up every step.</summary>
    public void Tried() => _last = time.GetTimestamp();
}
