namespace ChangeDetection.Worker.Training;

/// <summary>The loss or a weight is no longer a finite number. Trying again would end the same way.</summary>
/// <param name="epoch">From 1.</param>
public sealed class DivergedException(string what, int epoch, long step)
    : Exception($"{what} in epoch {epoch}, step {step}. The last checkpoint before is intact; lower optimizer.lr, or look at the data and loss.class_weights.");
