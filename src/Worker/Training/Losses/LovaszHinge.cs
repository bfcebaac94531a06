using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// The Lovász hinge, a convex surrogate of one minus the intersection over union of the change class, per image and averaged over images
/// (Berman, Triki, Blaschko: The Lovász-softmax loss, CVPR 2018, algorithm 1).
/// </summary>
public sealed class LovaszHinge : LossTerm
{
    [Implements(LossNames.Lovasz)]
    public static LossFactory Factory => (_, _) => new LovaszHinge();

    protected override Tensor SumsOf(Tensor logProbability, Tensor labels, Tensor? labelled, ScalarType precision)
    {
        // The change logit, whatever the network's last layer: log p(1) − log p(0).
        var logit = (logProbability.select(1, 1) - logProbability.select(1, 0)).flatten(1);
        var truth = labels.flatten(1);
        var errors = 1 - logit * (2 * truth - 1);
        // Behind all errors that count: what is not above 0 adds nothing, and changes nothing of what stands before it.
        if (labelled is not null)
            errors = errors.masked_fill(labelled.flatten(1).logical_not(), -1);
        var (sorted, order) = errors.sort(1, descending: true, stable: true);
        var perImage = (sorted.relu() * Gradient(truth.gather(1, order))).sum(1);
        // An image without a labelled pixel has no loss, and is none of those averaged over.
        var images = labelled is null ? full_like(perImage, 1) : labelled.flatten(1).any(1).to(perImage.dtype);
        return stack([perImage.sum(precision), images.sum(precision)]);
    }

    public override Tensor Of(Tensor sums) => sums[0] / sums[1];

    /// <summary>How much each pixel, in the order of its error, adds to the Jaccard loss: [N, H·W].</summary>
    private static Tensor Gradient(Tensor truth)
    {
        using var unrecorded = no_grad();
        var all = truth.sum(1, keepdim: true);
        var jaccard = 1 - (all - truth.cumsum(1)) / (all + (1 - truth).cumsum(1));
        return cat([jaccard.narrow(1, 0, 1), jaccard.diff(1, 1)], 1);
    }
}
