namespace ChangeDetection.Worker.Scoring;

/// <summary>Precision and recall of the change class when pixels with at least this probability are taken for change.</summary>
public sealed record CurvePoint(double Threshold, double Precision, double Recall, double F1);

/// <summary>
/// Precision and recall over all thresholds b / <see cref="ProbabilityHistogram.Bins"/>. Each point is exact; what the bins leave open is the order of
/// pixels within one, and <see cref="AveragePrecisionRange"/> bounds how much that can matter.
/// </summary>
public sealed class PrecisionRecallCurve
{
    private readonly ConfusionCounts[] _at;
    private readonly ProbabilityHistogram _histogram;

    public PrecisionRecallCurve(ProbabilityHistogram histogram)
    {
        _histogram = histogram;
        _at = new ConfusionCounts[ProbabilityHistogram.Bins];
        var (changed, pixels) = (histogram.ChangedPixels, histogram.Pixels);
        long found = 0, falseAlarms = 0;
        for (var bin = ProbabilityHistogram.Bins - 1; bin >= 0; bin--)
        {
            found += histogram.Changed[bin];
            falseAlarms += histogram.Unchanged[bin];
            _at[bin] = new ConfusionCounts(found, falseAlarms, changed - found, pixels - changed - falseAlarms);
        }
    }

    /// <summary>
    /// Σ (R_n − R_{n−1}) P_n from the highest threshold down, without interpolation (as scikit-learn's <c>average_precision_score</c> of the binned
    /// probabilities). 0 where nothing has changed.
    /// </summary>
    public double AveragePrecision
    {
        get
        {
            var sum = 0.0;
            for (var bin = ProbabilityHistogram.Bins - 1; bin >= 0; bin--)
                sum += _histogram.Changed[bin] * _at[bin].Precision;
            return _histogram.ChangedPixels is > 0 and var changed ? sum / changed : 0;
        }
    }

    /// <summary>
    /// The average precision if, within every bin, all pixels without change came first, and if all with change did: that of the probabilities
    /// themselves lies between. Both are sums of (a + j) / (b + j), which harmonic numbers give without going through the pixels.
    /// </summary>
    public (double Low, double High) AveragePrecisionRange
    {
        get
        {
            if (_histogram.ChangedPixels is not (> 0 and var changed))
                return (0, 0);
            double low = 0, high = 0;
            for (var bin = ProbabilityHistogram.Bins - 1; bin >= 0; bin--)
            {
                var (found, falseAlarms) = bin + 1 < ProbabilityHistogram.Bins ? (_at[bin + 1].TruePositive, _at[bin + 1].FalsePositive) : (0L, 0L);
                high += Sum(found, falseAlarms, _histogram.Changed[bin]);
                low += Sum(found, falseAlarms + _histogram.Unchanged[bin], _histogram.Changed[bin]);
            }
            return (low / changed, high / changed);
        }
    }

    /// <summary>
    /// The threshold of the highest F1; of several, the one nearest to one half, then the lower. Null where nothing has changed: any would do as well.
    /// </summary>
    public CurvePoint? Best()
    {
        if (_histogram.ChangedPixels == 0)
            return null;
        var best = Enumerable.Range(0, ProbabilityHistogram.Bins)
            .OrderByDescending(bin => _at[bin].F1).ThenBy(bin => Math.Abs(2 * bin - ProbabilityHistogram.Bins)).ThenBy(bin => bin).First();
        return Point(best);
    }

    /// <summary>At most so many points that show the curve, thresholds falling: a point wherever recall has gone on by its share, and the last.</summary>
    public IReadOnlyList<CurvePoint> Points(int most)
    {
        var points = new List<CurvePoint>();
        var step = 1.0 / Math.Max(most - 2, 1);
        for (var bin = ProbabilityHistogram.Bins - 1; bin >= 0; bin--)
        {
            if (_at[bin].IsDefined("precision") && (points.Count == 0 || bin == 0 || points[^1].Recall + step <= _at[bin].Recall))
                points.Add(Point(bin));
        }
        return points;
    }

    /// <summary>Counts when pixels with at least this probability, a multiple of 1 / <see cref="ProbabilityHistogram.Bins"/>, are taken for change.</summary>
    public ConfusionCounts At(double threshold) => _at[(int)Math.Round(threshold * ProbabilityHistogram.Bins)];

    private CurvePoint Point(int bin) => new(bin / (double)ProbabilityHistogram.Bins, _at[bin].Precision, _at[bin].Recall, _at[bin].F1);

    /// <summary>Σ over j = 1 … n of (found + j) / (found + falseAlarms + j).</summary>
    private static double Sum(long found, long falseAlarms, long n) =>
        n == 0 ? 0 : n - falseAlarms * HarmonicNumbers.Difference(found + falseAlarms, found + falseAlarms + n);
}
