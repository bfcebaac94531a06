namespace ChangeDetection.Core.Results;

/// <summary>Mean and sample standard deviation, √(Σ (x − mean)² / (n − 1)).</summary>
/// <param name="Deviation">Null for a single value, which has none.</param>
public sealed record MeanAndDeviation(double Mean, double? Deviation, int Count)
{
    /// <summary>Null without values.</summary>
    public static MeanAndDeviation? Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
            return null;
        var mean = values.Sum() / values.Count;
        double? deviation = values.Count == 1 ? null : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        return new MeanAndDeviation(mean, deviation, values.Count);
    }
}
