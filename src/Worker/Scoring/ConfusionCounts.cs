namespace ChangeDetection.Worker.Scoring;

/// <summary>
/// Pixels by prediction and truth of one class against all others; of change, unless stated otherwise. Counts of parts of a split add up to those of the
/// whole, so every figure below is micro: over all pixels. A figure whose denominator is 0 is 0: precision where nothing was predicted, recall where
/// nothing is true, F1 and IoU where neither, kappa where chance alone agrees everywhere (an empty mask left empty, a full one filled).
/// <see cref="IsDefined"/> distinguishes such a 0 from a measured one.
/// </summary>
public readonly record struct ConfusionCounts(long TruePositive, long FalsePositive, long FalseNegative, long TrueNegative)
{
    /// <summary>The names of the figures, in the order of <see cref="Figures"/>.</summary>
    public static IReadOnlyList<string> Measures { get; } = ["precision", "recall", "f1", "iou", "accuracy", "kappa"];

    public long Total => TruePositive + FalsePositive + FalseNegative + TrueNegative;

    /// <summary>Pixels that were taken for another class than theirs.</summary>
    public long Wrong => FalsePositive + FalseNegative;

    public double Precision => Ratio(TruePositive, TruePositive + FalsePositive);

    public double Recall => Ratio(TruePositive, TruePositive + FalseNegative);

    /// <summary>2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall.</summary>
    public double F1 => Ratio(2.0 * TruePositive, 2.0 * TruePositive + FalsePositive + FalseNegative);

    /// <summary>TP / (TP + FP + FN), the intersection over union.</summary>
    public double IoU => Ratio(TruePositive, TruePositive + FalsePositive + FalseNegative);

    public double Accuracy => Ratio(TruePositive + TrueNegative, Total);

    /// <summary>Cohen's kappa (1960): the accuracy beyond chance, (p_o − p_e) / (1 − p_e).</summary>
    public double Kappa => CohensKappa.Of(
        Total, TruePositive + TrueNegative,
        (Int128)(TruePositive + FalsePositive) * (TruePositive + FalseNegative) + (Int128)(TrueNegative + FalseNegative) * (TrueNegative + FalsePositive));

    public static ConfusionCounts operator +(ConfusionCounts a, ConfusionCounts b) => new(
        a.TruePositive + b.TruePositive, a.FalsePositive + b.FalsePositive, a.FalseNegative + b.FalseNegative, a.TrueNegative + b.TrueNegative);

    /// <summary>Each figure by its name.</summary>
    public IEnumerable<KeyValuePair<string, double>> Figures() =>
    [
        new("precision", Precision),
        new("recall", Recall),
        new("f1", F1),
        new("iou", IoU),
        new("accuracy", Accuracy),
        new("kappa", Kappa),
    ];

    /// <summary>The figures by name below a prefix, as in <c>val/f1</c>.</summary>
    public IEnumerable<KeyValuePair<string, double>> Named(string prefix) =>
        Figures().Select(figure => KeyValuePair.Create($"{prefix}/{figure.Key}", figure.Value));

    /// <summary>Whether a figure has a denominator.</summary>
    public bool IsDefined(string measure) => measure switch
    {
        "precision" => TruePositive + FalsePositive > 0,
        "recall" => TruePositive + FalseNegative > 0,
        "f1" or "iou" => TruePositive + Wrong > 0,
        "kappa" => Total > 0 && TruePositive != Total && TrueNegative != Total,
        _ => Total > 0,
    };

    private static double Ratio(double numerator, double denominator) => denominator > 0 ? numerator / denominator : 0;
}
