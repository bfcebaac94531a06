using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>Puts the probabilities of change of a batch's labelled pixels into a histogram.</summary>
public static class ChangeProbabilities
{
    /// <exception cref="OutputNotFiniteException">A probability is not a number.</exception>
    public static void AddTo(ProbabilityHistogram histogram, ScoredBatch scored)
    {
        using var scope = NewDisposeScope();
        var probability = Of(scored.LogProbability);
        var ignored = scored.Labelled?.logical_not();
        if (ignored is not null)
            probability = probability.masked_fill(ignored, 0);
        if (!probability.isfinite().all().item<bool>())
            throw new OutputNotFiniteException();
        var bin = (probability * ProbabilityHistogram.Bins).to(int64).clamp(0, ProbabilityHistogram.Bins - 1);
        var place = bin + scored.Truth.greater(0).to(int64) * ProbabilityHistogram.Bins;
        // What does not count goes behind both histograms.
        if (ignored is not null)
            place = place.masked_fill(ignored, 2 * ProbabilityHistogram.Bins);
        var counts = place.flatten().bincount(weights: null, minlength: 2 * ProbabilityHistogram.Bins).cpu().data<long>().ToArray();
        histogram.Add(counts.AsSpan(0, ProbabilityHistogram.Bins), counts.AsSpan(ProbabilityHistogram.Bins, ProbabilityHistogram.Bins));
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
