using System.Text.Json;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using Npgsql;

namespace ChangeDetection.Core.Results;

/// <summary>Gathers the scores of experiments into one table.</summary>
public sealed class ComparisonReader(NpgsqlDataSource database)
{
    private readonly ExperimentStore _experiments = new(database);
    private readonly RunStore _runs = new(database);
    private readonly MetricStore _metrics = new(database);
    private readonly CheckpointStore _checkpoints = new(database);

    /// <summary>
    /// Runs whose configs are equal but for the seed and the fold are one row, of whichever experiment they are; of several with one seed and fold, which
    /// must give one result, the newest counts. A run that trains has the validation's scores of its best checkpoint and the test scores of its newest
    /// evaluation in its experiment.
    /// </summary>
    /// <exception cref="ExperimentMissingException">One is no experiment.</exception>
    public async Task<ComparisonTable> ReadAsync(IReadOnlyList<Guid> experiments, IReadOnlyList<string> metrics, CancellationToken cancellationToken)
    {
        var scored = new List<ScoredRun>();
        var published = new List<PublishedScores>();
        var missing = new List<string>();
        foreach (var id in experiments.Distinct())
        {
            var experiment = await _experiments.FindAsync(id, cancellationToken)
                ?? throw new ExperimentMissingException(id);
            published.AddRange(ExperimentJson.Deserialize(experiment.Config).Published);
            var runs = await _runs.ListAsync(new RunFilter(Experiment: id, Limit: int.MaxValue), cancellationToken);
            var own = runs.Select(run => run.Id).ToHashSet();
            var last = await _metrics.LastAsync([.. own], cancellationToken);
            foreach (var run in runs.Where(run => run.SourceRun is not { } source || !own.Contains(source)).OrderBy(run => run.Id))
            {
                var evaluations = runs.Where(other => other.SourceRun == run.Id).OrderBy(other => other.CreatedAt).Select(other => other.Id);
                var scores = await ScoresAsync(run, evaluations.Append(run.Id).Select(of => last.GetValueOrDefault(of)), cancellationToken);
                if (metrics.Any(scores.ContainsKey))
                    scored.Add(new ScoredRun(await ConfigAsync(run.Id, cancellationToken), run.CreatedAt, scores));
                else
                    missing.Add($"{run.Name} ({run.Id}) {run.State.Word()}: none of these scores");
            }
        }
        return new ComparisonTable(metrics, Rows(scored, published.Distinct(), metrics), missing);
    }

    private static List<ComparisonRow> Rows(List<ScoredRun> scored, IEnumerable<PublishedScores> published, IReadOnlyList<string> metrics)
    {
        var groups = scored.GroupBy(run => ExperimentDigest.Of(AsOfAll(run.Config))).ToList();
        var taken = groups.GroupBy(group => group.First().Config.Name).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        var rows = groups.Select(group =>
        {
            var runs = group.GroupBy(run => (run.Config.Seed, run.Config.Dataset.Fold)).Select(same => same.MaxBy(run => run.CreatedAt)!)
                .OrderBy(run => run.Config.Seed).ThenBy(run => run.Config.Dataset.Fold).ToList();
            var config = runs[0].Config;
            var scores = metrics.Select(
                metric => (metric, MeanAndDeviation.Of([.. runs.Where(run => run.Scores.ContainsKey(metric)).Select(run => run.Scores[metric])])))
                .Where(pair => pair.Item2 is not null).ToDictionary(pair => pair.metric, pair => pair.Item2!);
            return new ComparisonRow(
                taken.Contains(config.Name) ? $"{config.Name} ({group.Key[..8]})"
                    : config.Name, config.Model.Name, [.. runs.Select(run => run.Config.Seed).Distinct()], Source: null, scores)
            {
                Folds = [.. runs.Select(run => run.Config.Dataset.Fold).OfType<int>().Distinct().Order()],
                Runs = runs.Count,
            };
        }).ToList();
        // What others have published for a network stands behind the last of our rows of it.
        foreach (var other in published)
        {
            var at = rows.FindLastIndex(row => row.Model == other.Model);
            rows.Insert(at < 0 ? rows.Count : at + 1, new ComparisonRow($"{other.Model}, published", other.Model, [], other.Source, Scores(other)));
        }
        return rows;
    }

    /// <summary>The config without what runs of one row differ by. One that trains on a split of its own is not of a row with folds.</summary>
    private static ExperimentConfig AsOfAll(ExperimentConfig config) => config with
    {
        Seed = 0,
        Dataset = config.Dataset with { Fold = config.Dataset.Fold is null ? null : 0 },
    };

    /// <summary>Later ones over earlier ones, all over those of the best checkpoint's validation.</summary>
    private async Task<Dictionary<string, double>> ScoresAsync(
        Run run, IEnumerable<IReadOnlyDictionary<string, double>?> found, CancellationToken cancellationToken)
    {
        var scores = new Dictionary<string, double>();
        foreach (var (name, value) in found.OfType<IReadOnlyDictionary<string, double>>().SelectMany(
            metrics => metrics).Where(metric => metric.Key.StartsWith(MetricNames.Test, StringComparison.Ordinal)))
            scores[name] = value;
        if (run.Kind is RunKind.Train && await _checkpoints.FindAsync(run.Id, CheckpointChoice.Best, cancellationToken) is { } best)
        {
            foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, double>>(best.Metrics) ?? [])
                scores.TryAdd(name, value);
        }
        return scores;
    }

    private async Task<ExperimentConfig> ConfigAsync(Guid run, CancellationToken cancellationToken) =>
        ExperimentJson.Deserialize((await _runs.ConfigAsync(run, cancellationToken)).Config);

    private static Dictionary<string, MeanAndDeviation> Scores(PublishedScores scores) => new (string Name, double? Value)[]
        {
            ("precision", scores.Precision), ("recall", scores.Recall), ("f1", scores.F1),
            ("iou", scores.Iou), ("accuracy", scores.Accuracy), ("kappa", scores.Kappa),
        }
        .Where(score => score.Value is not null).ToDictionary(
            score => MetricNames.Test + score.Name, score => new MeanAndDeviation(score.Value!.Value, null, 0));

    private sealed record ScoredRun(ExperimentConfig Config, DateTime CreatedAt, IReadOnlyDictionary<string, double> Scores);
}
