using ChangeDetection.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// Negative log-likelihood with a weight per class: −Σ w(y) log p(y) / Σ w(y) over all pixels, y the true class. The same number as
/// PyTorch's NLLLoss with weights, written with sums because that one's gradient is not deterministic on a GPU.
/// </summary>
public sealed class WeightedLoss(ClassWeights weights)
{
    public ClassWeights Weights { get; } = weights;

    /// <summary>The configured weights, or [p, 1 − p] for <c>auto</c>, p being the change fraction of the training split.</summary>
    public static WeightedLoss Of(LossConfig config, double changeFraction)
        => new(config.ClassWeights ?? new ClassWeights(changeFraction, 1 - changeFraction));

    /// <summary>The loss of a batch, a scalar that gradients flow from.</summary>
    /// <param name="logProbability">[N, 2, H, W].</param>
    /// <param name="changed">[N, H, W], 1 for change.</param>
    public Tensor Of(Tensor logProbability, Tensor changed)
    {
        using var scope = NewDisposeScope();
        var weights = PixelWeights(changed);
        return (-(logProbability * weights).sum() / weights.sum()).MoveToOuterDisposeScope();
    }

    /// <summary>Numerator and denominator apart, to be added up over a split.</summary>
    public (double Loss, double Weight) Sums(Tensor logProbability, Tensor changed)
    {
        using var scope = NewDisposeScope();
        var weights = PixelWeights(changed);
        return (-(logProbability * weights).sum(float64).item<double>(), weights.sum(float64).item<double>());
    }

    /// <summary>[N, 2, H, W]: the pixel's weight at its true class, 0 at the other.</summary>
    private Tensor PixelWeights(Tensor changed)
    {
        var change = changed.unsqueeze(1);
        return cat([(1 - change) * Weights.NoChange, change * Weights.Change], 1);
    }
}
