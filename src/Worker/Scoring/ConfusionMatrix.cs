namespace ChangeDetection.Worker.Scoring;

/// <summary>
/// Pixels by true and predicted class. Class 0 is no change; with two classes the other one is change, with more of them each is a kind of change.
/// Matrices of parts of a split add up to that of the whole.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly long[] _counts;

    /// <param name="classes">At least 2.</param>
    public ConfusionMatrix(int classes) : this(classes, new long[classes * classes])
    {
    }

    /// <param name="counts">Row by row: the true class first. Taken over, not copied.</param>
    public ConfusionMatrix(int classes, long[] counts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (counts.Length != classes * classes)
            throw new ArgumentException($"{counts.Length} counts are not those of {classes} classes.", nameof(counts));
        (Classes, _counts) = (classes, counts);
    }

    public int Classes { get; }

    public long this[int truth, int predicted] => _counts[truth * Classes + predicted];

    public long Total => _counts.Sum();

    /// <summary>Change of any kind against no change. With two classes the same as <c>OfClass(1)</c>.</summary>
    public ConfusionCounts Change
    {
        get
        {
            var nothing = OfClass(0);
            return new ConfusionCounts(nothing.TrueNegative, nothing.FalseNegative, nothing.FalsePositive, nothing.TruePositive);
        }
    }

    /// <summary>One class against all others.</summary>
    public ConfusionCounts OfClass(int one)
    {
        long truth = 0, predicted = 0;
        for (var other = 0; other < Classes; other++)
        {
            truth += this[one, other];
            predicted += this[other, one];
        }
        var both = this[one, one];
        return new ConfusionCounts(both, predicted - both, truth - both, Total - predicted - truth + both);
    }

    /// <summary>Share of pixels that were given their own class; 0 without pixels.</summary>
    public double Accuracy => Total is > 0 and var total ? Agreed / (double)total : 0;

    /// <summary>Cohen's kappa over all classes; 0 where chance alone agrees everywhere.</summary>
    public double Kappa => CohensKappa.Of(Total, Agreed, Enumerable.Range(0, Classes).Select(OfClass)
        .Aggregate(Int128.Zero, (sum, one) => sum + (Int128)(one.TruePositive + one.FalsePositive) * (one.TruePositive + one.FalseNegative)));

    /// <summary>Mean over classes of each one's F1. Classes that are neither true nor predicted anywhere are left out; 0 when there are no pixels.</summary>
    public double MeanF1 => Mean(one => one.F1);

    /// <summary>The same of each one's intersection over union.</summary>
    public double MeanIoU => Mean(one => one.IoU);

    private long Agreed => Enumerable.Range(0, Classes).Sum(one => this[one, one]);

    public static ConfusionMatrix operator +(ConfusionMatrix a, ConfusionMatrix b) =>
        a.Classes == b.Classes
            ? new ConfusionMatrix(a.Classes, [.. a._counts.Zip(b._counts, (one, other) => one + other)])
            : throw new ArgumentException($"A matrix of {a.Classes} classes cannot be added to one of {b.Classes}.");

    private double Mean(Func<ConfusionCounts, double> figure) =>
        Enumerable.Range(0, Classes).Select(OfClass).Where(one => one.IsDefined("f1")).Select(figure).DefaultIfEmpty(0).Average();
}
