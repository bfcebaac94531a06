using ChangeDetection.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// Cross-entropy with a weight per class, Σ w(y) (1 − p(y))^γ (−log p(y)) / Σ w(y) over all pixels, y the true class. With γ = 0 it is the same number as
/// PyTorch's NLLLoss with weights; with weights of 1 the binary cross-entropy of the change logit; with γ &gt; 0 the focal loss
/// (Lin et al.: Focal loss for dense object detection, ICCV 2017). Written with sums because NLLLoss's gradient is not deterministic on a GPU.
/// </summary>
public sealed class CrossEntropy(ClassWeights weights, double gamma = 0) : LossTerm
{
    public ClassWeights Weights { get; } = weights;

    public override Tensor Sums(Tensor logProbability, Tensor changed, ScalarType precision)
    {
        var change = changed.unsqueeze(1);
        // [N, 2, H, W]: the pixel's weight at its true class, 0 at the other.
        var pixels = cat([(1 - change) * Weights.NoChange, change * Weights.Change], 1);
        var factors = gamma == 0 ? pixels : pixels * (1 - logProbability.exp()).pow(gamma);
        return stack([-(logProbability * factors).sum(precision), pixels.sum(precision)]);
    }

    public override Tensor Of(Tensor sums) => sums[0] / sums[1];
}
