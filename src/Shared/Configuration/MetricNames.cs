namespace ChangeDetection.Configuration;

/// <summary>
/// The metrics of a run, <c>SPLIT/MEASURE</c>. <c>precision</c>, <c>recall</c>, <c>f1</c> and <c>iou</c> are those of the change class,
/// micro over pixels.
/// </summary>
public static class MetricNames
{
    public const string TrainLoss = "train/loss";
    public const string Validation = "val/";
    public const string Test = "test/";
    private const string Loss = "loss";

    /// <summary>What is measured on a split that is not trained on.</summary>
    public static IReadOnlyList<string> Measures { get; } = [Loss, "precision", "recall", "f1", "iou", "accuracy", "kappa"];

    /// <summary>Those known while training goes on, by which checkpoints can be ranked.</summary>
    public static IReadOnlyList<string> Ranking { get; } = [TrainLoss, .. Measures.Select(measure => Validation + measure)];

    public static IReadOnlyList<string> All { get; } = [.. Ranking, .. Measures.Select(measure => Test + measure)];

    /// <summary>Whether more or less of the metric is better.</summary>
    public static OptimumMode OptimumOf(string name) => name.EndsWith("/" + Loss, StringComparison.Ordinal) ? OptimumMode.Min : OptimumMode.Max;
}
