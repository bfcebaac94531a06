using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// A loss as sums over pixels or images and a function of those sums, so that a split too large for memory gets the loss it would have as one batch:
/// the sums of its batches are added up first. Unlabelled pixels are in none of the sums, and their gradients are exactly 0.
/// </summary>
public abstract class LossTerm
{
    /// <summary>The batch's sums, [k], that gradients flow from.</summary>
    /// <param name="logProbability">[N, K, H, W], of the K classes; of two, of no change and of change.</param>
    /// <param name="labels">[N, H, W], the true class: 0 for no change; anything at unlabelled pixels.</param>
    /// <param name="precision">Type that is summed in: float32 to train, float64 over a split.</param>
    /// <param name="labelled">[N, H, W] of bool: which pixels have a label; null where all have.</param>
    public Tensor Sums(Tensor logProbability, Tensor labels, ScalarType precision, Tensor? labelled = null)
    {
        if (labelled is null)
            return SumsOf(logProbability, labels, null, precision);
        // Replaced, not multiplied by 0: of a value that is not finite, 0 times it or its derivative would be none either.
        var ignored = labelled.logical_not();
        var none = -Math.Log(logProbability.shape[1]);
        return SumsOf(logProbability.masked_fill(ignored.unsqueeze(1), none), labels.masked_fill(ignored, 0), labelled, precision);
    }

    /// <summary>The loss, a scalar, of sums of this kind, in which there is a pixel or more.</summary>
    public abstract Tensor Of(Tensor sums);

    /// <summary>The loss of a batch, a scalar that gradients flow from; 0, and all gradients 0, where no pixel has a label.</summary>
    /// <inheritdoc cref="Sums"/>
    public Tensor Of(Tensor logProbability, Tensor labels, Tensor? labelled = null)
    {
        using var scope = NewDisposeScope();
        var loss = labelled is null || labelled.any().item<bool>()
            ? Of(Sums(logProbability, labels, float32, labelled))
            : logProbability.masked_fill(labelled.logical_not().unsqueeze(1), 0).sum();
        return loss.MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="Sums"/>
    /// <param name="logProbability">[N, K, H, W]; that of K equally likely classes, without a gradient, at unlabelled pixels.</param>
    /// <param name="labels">[N, H, W]; 0 at unlabelled pixels.</param>
    /// <param name="labelled">[N, H, W] of bool; null where all pixels have a label: the sums are to be of those that have one.</param>
    protected abstract Tensor SumsOf(Tensor logProbability, Tensor labels, Tensor? labelled, ScalarType precision);

    /// <summary>For each class, [N, 1, H, W]: 1 where it is the true one, else 0. Labels of two classes are their own indicator.</summary>
    protected static Tensor[] Indicators(Tensor labels, int classes)
    {
        var planes = labels.unsqueeze(1);
        return classes == 2 ? [1 - planes, planes] : [.. Enumerable.Range(0, classes).Select(label => planes.eq(label).to(labels.dtype))];
    }
}
