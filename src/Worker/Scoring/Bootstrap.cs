using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Worker.Scoring;

/// <summary>An interval between two quantiles of a figure's bootstrap distribution.</summary>
public sealed record ConfidenceInterval(double Low, double High);

/// <summary>
/// Confidence intervals of the micro figures by the percentile bootstrap (Efron and Tibshirani, 1993) over images: pixels of one image are no independent
/// draws, images are. Each resample draws as many images as there are, with replacement, and adds their counts up; a function of counts and seed alone.
/// An image without a labelled pixel has nothing to add and is not drawn.
/// </summary>
public static class Bootstrap
{
    public const int Resamples = 1000;
    public const double Level = 0.95;

    /// <summary>The interval of each of <see cref="ConfusionCounts.Measures"/>; null for fewer than two images, which have no spread.</summary>
    public static IReadOnlyDictionary<string, ConfidenceInterval>? Intervals(IReadOnlyList<ConfusionCounts> counts, long seed)
    {
        var images = counts.Where(image => image.Total > 0).ToList();
        if (images.Count < 2)
            return null;
        var drawn = ConfusionCounts.Measures.ToDictionary(measure => measure, _ => new double[Resamples]);
        var state = (ulong)seed;
        for (var resample = 0; resample < Resamples; resample++)
        {
            var sum = new ConfusionCounts();
            for (var i = 0; i < images.Count; i++)
                sum += images[(int)Math.BigMul(SplitMix64.Next(ref state), (ulong)images.Count, out _)];
            foreach (var (measure, value) in sum.Figures())
                drawn[measure][resample] = value;
        }
        return drawn.ToDictionary(pair => pair.Key, pair =>
        {
            Array.Sort(pair.Value);
            return new ConfidenceInterval(Quantile(pair.Value, (1 - Level) / 2), Quantile(pair.Value, (1 + Level) / 2));
        });
    }

    /// <summary>Between the two nearest of sorted values, in proportion.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
