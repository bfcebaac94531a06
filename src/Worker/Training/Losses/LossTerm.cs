using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// A loss as sums over pixels or images and a function of those sums, so that a split too large for memory gets the loss it would have as one batch:
/// the sums of its batches are added up first.
/// </summary>
public abstract class LossTerm
{
    /// <summary>The batch's sums, [k], that gradients flow from.</summary>
    /// <param name="logProbability">[N, K, H, W], of the K classes; of two, of no change and of change.</param>
    /// <param name="labels">[N, H, W], the true class: 0 for no change.</param>
    /// <param name="precision">Type that is summed in: float32 to train, float64 over a split.</param>
    public abstract Tensor Sums(Tensor logProbability, Tensor labels, ScalarType precision);

    /// <summary>The loss, a scalar, of sums of this kind.</summary>
    public abstract Tensor Of(Tensor sums);

    /// <summary>The loss of a batch, a scalar that gradients flow from.</summary>
    public Tensor Of(Tensor logProbability, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return Of(Sums(logProbability, labels, float32)).MoveToOuterDisposeScope();
    }

    /// <summary>For each class, [N, 1, H, W]: 1 where it is the true one, else 0. Labels of two classes are their own indicator.</summary>
    protected static Tensor[] Indicators(Tensor labels, int classes)
    {
        var planes = labels.unsqueeze(1);
        return classes == 2 ? [1 - planes, planes] : [.. Enumerable.Range(0, classes).Select(label => planes.eq(label).to(labels.dtype))];
    }
}
