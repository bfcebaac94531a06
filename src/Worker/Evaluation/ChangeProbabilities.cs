using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>Puts a batch's probabilities of change into a histogram.</summary>
public static class ChangeProbabilities
{
    /// <exception cref="OutputNotFiniteException">A probability is not a number.</exception>
    public static void AddTo(ProbabilityHistogram histogram, ScoredBatch scored)
    {
        using var scope = NewDisposeScope();
        var probability = Of(scored.LogProbability);
        if (!probability.isfinite().all().item<bool>())
            throw new OutputNotFiniteException();
        var bin = (probability * ProbabilityHistogram.Bins).to(int64).clamp(0, ProbabilityHistogram.Bins - 1);
        var counts = (bin + scored.Truth.greater(0).to(int64) * ProbabilityHistogram.Bins).flatten()
            .bincount(weights: null, minlength: 2 * ProbabilityHistogram.Bins).cpu().data<long>().ToArray();
        histogram.Add(counts.AsSpan(0, ProbabilityHistogram.Bins), counts.AsSpan(ProbabilityHistogram.Bins));
    }

    /// <summary>[N, K, H, W] of log-probabilities to [N, H, W] of probabilities in float32 that anything has changed: all but class 0.</summary>
    public static Tensor Of(Tensor logProbability) => logProbability.shape[1] == 2
        ? logProbability.select(1, 1).to(float32).exp()
        : -logProbability.select(1, 0).to(float32).expm1();
}

/// <summary>The network's output holds something that is no number.</summary>
public sealed class OutputNotFiniteException() : Exception(
    "The network's output holds values that are not finite, so there is nothing to score. Its training diverged, or the data are not normalised " +
        "as in training.");
