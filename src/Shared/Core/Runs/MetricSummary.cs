namespace ChangeDetection.Core.Runs;

/// <summary>A metric of a run in short.</summary>
/// <param name="Last">Its newest value.</param>
/// <param name="Best">The smallest of a loss, the largest of any other; NaN while there is no number.</param>
/// <param name="LastStep">The step of its newest value.</param>
/// <param name="Points">How many values it has.</param>
public sealed record MetricSummary(double Last, double Best, long LastStep, long Points);
