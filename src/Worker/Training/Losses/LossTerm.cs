using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// A loss as sums over pixels or images and a function of those sums, so that a split too large for memory gets the loss it would have as one batch:
/// the sums of its batches are added up first.
/// </summary>
public abstract class LossTerm
{
    /// <summary>The batch's sums, [k], that gradients flow from.</summary>
    /// <param name="logProbability">[N, 2, H, W], of no change and of change.</param>
    /// <param name="changed">[N, H, W], 1 for change.</param>
    /// <param name="precision">Type that is summed in: float32 to train, float64 over a split.</param>
    public abstract Tensor Sums(Tensor logProbability, Tensor changed, ScalarType precision);

    /// <summary>The loss, a scalar, of sums of this kind.</summary>
    public abstract Tensor Of(Tensor sums);

    /// <summary>The loss of a batch, a scalar that gradients flow from.</summary>
    public Tensor Of(Tensor logProbability, Tensor changed)
    {
        using var scope = NewDisposeScope();
        return Of(Sums(logProbability, changed, float32)).MoveToOuterDisposeScope();
    }
}
