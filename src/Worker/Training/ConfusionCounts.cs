using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>
/// Pixels by prediction and truth; change is the positive class. Counts of parts of a split add up to those of the whole, so every figure below is micro:
/// over all pixels. A figure whose denominator is 0 (nothing predicted, no change in the truth) is 0.
/// </summary>
public readonly record struct ConfusionCounts(long TruePositive, long FalsePositive, long FalseNegative, long TrueNegative)
{
    public long Total => TruePositive + FalsePositive + FalseNegative + TrueNegative;

    public double Precision => Ratio(TruePositive, TruePositive + FalsePositive);

    public double Recall => Ratio(TruePositive, TruePositive + FalseNegative);

    /// <summary>2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall.</summary>
    public double F1 => Ratio(2.0 * TruePositive, 2.0 * TruePositive + FalsePositive + FalseNegative);

    /// <summary>TP / (TP + FP + FN), the change class's intersection over union.</summary>
    public double IoU => Ratio(TruePositive, TruePositive + FalsePositive + FalseNegative);

    public double Accuracy => Ratio(TruePositive + TrueNegative, Total);

    /// <summary>Cohen's kappa: the accuracy beyond chance, (p_o − p_e) / (1 − p_e).</summary>
    public double Kappa
    {
        get
        {
            double total = Total;
            var positive = (TruePositive + FalsePositive) / total * ((TruePositive + FalseNegative) / total);
            var negative = (TrueNegative + FalseNegative) / total * ((TrueNegative + FalsePositive) / total);
            var chance = positive + negative;
            return total > 0 && chance < 1 ? (Accuracy - chance) / (1 - chance) : 0;
        }
    }

    public static ConfusionCounts operator +(ConfusionCounts a, ConfusionCounts b) => new(
        a.TruePositive + b.TruePositive, a.FalsePositive + b.FalsePositive, a.FalseNegative + b.FalseNegative, a.TrueNegative + b.TrueNegative);

    /// <param name="logProbability">[N, 2, H, W]; a pixel is change where that is the likelier class.</param>
    /// <param name="changed">[N, H, W], 1 for change.</param>
    public static ConfusionCounts Of(Tensor logProbability, Tensor changed)
    {
        using var scope = NewDisposeScope();
        var predicted = logProbability.select(1, 1) > logProbability.select(1, 0);
        var actual = changed > 0.5;
        var both = predicted.logical_and(actual).sum().item<long>();
        var positive = predicted.sum().item<long>();
        var truth = actual.sum().item<long>();
        return new ConfusionCounts(both, positive - both, truth - both, changed.numel() - positive - truth + both);
    }

    /// <summary>The figures by name below a prefix, as in <c>val/f1</c>.</summary>
    public IEnumerable<KeyValuePair<string, double>> Named(string prefix) =>
    [
        new($"{prefix}/precision", Precision),
        new($"{prefix}/recall", Recall),
        new($"{prefix}/f1", F1),
        new($"{prefix}/iou", IoU),
        new($"{prefix}/accuracy", Accuracy),
        new($"{prefix}/kappa", Kappa),
    ];

    private static double Ratio(double numerator, double denominator) => denominator > 0 ? numerator / denominator : 0;
}
