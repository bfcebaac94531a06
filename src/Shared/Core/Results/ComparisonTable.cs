using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Core.Results;

/// <summary>A row: runs that differ by their seeds and their folds alone, or what others have published.</summary>
/// <param name="Model">The network.</param>
/// <param name="Seeds">Of the runs that have a score, each once; empty for published figures.</param>
/// <param name="Source">Who published them; null for runs of ours.</param>
/// <param name="Scores">By metric; a metric that no run has is missing. Published figures have a count of 0.</param>
public sealed record ComparisonRow(string Name, string Model, IReadOnlyList<long> Seeds, string? Source, IReadOnlyDictionary<string, MeanAndDeviation> Scores)
{
    /// <summary>Which folds the runs were validated on, each once; empty where the data set was not cross-validated.</summary>
    public IReadOnlyList<int> Folds { get; init; } = [];

    /// <summary>How many runs have a score: of each fold, one for each seed.</summary>
    public int Runs { get; init; } = Seeds.Count;
}

/// <summary>Networks side by side: mean and sample deviation of each metric over seeds and folds.</summary>
/// <param name="Metrics">The columns.</param>
/// <param name="Missing">What could not be counted, for people.</param>
public sealed record ComparisonTable(IReadOnlyList<string> Metrics, IReadOnlyList<ComparisonRow> Rows, IReadOnlyList<string> Missing)
{
    public static IReadOnlyList<string> UsualMetrics { get; } =
        ["test/precision", "test/recall", "test/accuracy", "test/f1", "test/iou", "test/kappa"];

    /// <summary>Whether no run of ours has a better mean; ties are all best. Nothing is best where there is nothing to choose from.</summary>
    public bool IsBest(ComparisonRow row, string metric)
    {
        var means = Rows.Where(other => other.Source is null && other.Scores.ContainsKey(metric)).Select(other => other.Scores[metric].Mean).ToList();
        return row.Source is null && means.Count > 1 && row.Scores.TryGetValue(metric, out var own)
            && own.Mean == (MetricNames.OptimumOf(metric) is OptimumMode.Max ? means.Max() : means.Min());
    }

    /// <summary>Whether a metric is a share of 1 that people read in percent.</summary>
    public static bool IsShare(string metric) =>
        MetricNames.OptimumOf(metric) is OptimumMode.Max && !metric.EndsWith('/' + MetricNames.Threshold, StringComparison.Ordinal);

    /// <summary>Names of metrics as people type them: <c>f1</c> is <c>test/f1</c>.</summary>
    public static string FullName(string name) => name.Contains('/', StringComparison.Ordinal) ? name : MetricNames.Test + name;
}
