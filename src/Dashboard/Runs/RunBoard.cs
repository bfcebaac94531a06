using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Runs;

/// <summary>What the front page shows: experiments, newest first and archived ones behind, with their runs in the order of their submission.</summary>
/// <param name="HasMore">There are older runs than those read.</param>
public sealed record RunBoard(IReadOnlyList<ExperimentRow> Experiments, bool HasMore)
{
    public IEnumerable<RunRow> Runs => Experiments.SelectMany(experiment => experiment.Runs);

    /// <summary>Those that are in sight, or the archived ones alone.</summary>
    public RunBoard Of(bool archived) => this with { Experiments = [.. Experiments.Where(one => one.Experiment.ArchivedAt is not null == archived)] };
}

/// <summary>An experiment and its runs.</summary>
public sealed record ExperimentRow(Experiment Experiment, IReadOnlyList<RunRow> Runs);

/// <summary>A run in a listing.</summary>
/// <param name="Host">The machine it runs on; null while it does not run.</param>
/// <param name="Scores">Its scores by name.</param>
/// <param name="TestF1">F1 of the change class on the test split, by this run or by the newest evaluation of its checkpoint.</param>
public sealed record RunRow(Run Run, string? Host, IReadOnlyDictionary<string, MetricSummary> Scores, double? TestF1)
{
    /// <summary>F1 of the change class on the validation split.</summary>
    public MetricSummary? ValF1 => Scores.GetValueOrDefault("val/f1");
}
