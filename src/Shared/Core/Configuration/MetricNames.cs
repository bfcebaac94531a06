namespace ChangeDetection.Core.Configuration;

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

    /// <summary>
    /// What an evaluation measures beside <see cref="Measures"/>, each under a name that cannot be taken for theirs: <c>average_precision</c> and
    /// <c>calibration_error</c> of the probabilities; <c>at_threshold_…</c> with the threshold of the best F1 on the validation split; <c>image_mean_…</c>,
    /// means over images; <c>class_mean_…</c>, means over classes, no change among them; <c>f1_low</c> and <c>f1_high</c>, the ends of the 95 % interval.
    /// </summary>
    public const string AveragePrecision = "average_precision";
    /// <inheritdoc cref="AveragePrecision"/>
    public const string CalibrationError = "calibration_error";
    /// <inheritdoc cref="AveragePrecision"/>
    public const string Threshold = "threshold";
    /// <inheritdoc cref="AveragePrecision"/>
    public const string AtThreshold = "at_threshold_";
    /// <inheritdoc cref="AveragePrecision"/>
    public const string ImageMean = "image_mean_";
    /// <inheritdoc cref="AveragePrecision"/>
    public const string ClassMean = "class_mean_";

    /// <summary>What is measured on a split that is not trained on.</summary>
    public static IReadOnlyList<string> Measures { get; } = [Loss, "precision", "recall", "f1", "iou", "accuracy", "kappa"];

    /// <summary>Those known while training goes on, by which checkpoints can be ranked.</summary>
    public static IReadOnlyList<string> Ranking { get; } = [TrainLoss, .. Measures.Select(measure => Validation + measure)];

    public static IReadOnlyList<string> All { get; } = [.. Ranking, .. Measures.Select(measure => Test + measure)];

    /// <summary>Whether more or less of the metric is better.</summary>
    public static OptimumMode OptimumOf(string name) => name[(name.LastIndexOf('/') + 1)..] is Loss or CalibrationError ? OptimumMode.Min : OptimumMode.Max;
}
