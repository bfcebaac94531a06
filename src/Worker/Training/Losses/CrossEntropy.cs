using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// Cross-entropy with a weight per class, Σ w(y) (1 − p(y))^γ (−log p(y)) / Σ w(y) over all labelled pixels, y the true class. With γ = 0 it is the same
/// number as PyTorch's NLLLoss with weights; with weights of 1 and two classes the binary cross-entropy of the change logit; with γ &gt; 0 the focal loss
/// (Lin et al.: Focal loss for dense object detection, ICCV 2017). Written with sums because NLLLoss's gradient is not deterministic on a GPU.
/// </summary>
public sealed class CrossEntropy(ClassWeights weights, double gamma = 0) : LossTerm
{
    [Implements(LossNames.Nll)]
    public static LossFactory Factory => (_, weights) => new CrossEntropy(weights);

    [Implements(LossNames.Bce)]
    public static LossFactory Binary => (_, _) => new CrossEntropy(new ClassWeights(1, 1));

    [Implements(LossNames.Focal)]
    public static LossFactory Focal => (config, weights) => new CrossEntropy(weights, config.Gamma);

    public ClassWeights Weights { get; } = weights;

    protected override Tensor SumsOf(Tensor logProbability, Tensor labels, Tensor? labelled, ScalarType precision)
    {
        // [N, K, H, W]: the pixel's weight at its true class, 0 at the others.
        var pixels = cat([.. Indicators(labels, Weights.Values.Count).Zip(Weights.Values, (indicator, weight) => indicator * weight)], 1);
        if (labelled is not null)
            pixels = pixels.masked_fill(labelled.logical_not().unsqueeze(1), 0);
        var factors = gamma == 0 ? pixels : pixels * (1 - logProbability.exp()).pow(gamma);
        return stack([-(logProbability * factors).sum(precision), pixels.sum(precision)]);
    }

    public override Tensor Of(Tensor sums) => sums[0] / sums[1];
}
