using System.Text.Encodings.Web;
using System.Text.Json;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Runs;

/// <summary>Reads a run's page.</summary>
public sealed class RunDetailReader(
    RunStore runs, ExperimentStore experiments, MetricStore metrics, AttemptStore attempts, EventStore events, CheckpointStore checkpoints,
    ArtifactStore artifacts, LogStore log)
{
    public const int LogLines = 300;
    private const int MaxEqual = 5;
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        // Read by people; the page encodes it for HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="previous">The reading before; what can no longer change is taken from it.</param>
    public async Task<RunDetail> ReadAsync(Guid id, RunDetail? previous, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(id, cancellationToken) is not { } run)
            return previous is null ? throw new InvalidOperationException($"Run {id} is gone: it was deleted.") : previous with { Deleted = true };
        var tried = await attempts.ListAsync(id, cancellationToken);
        var family = await runs.ListAsync(new RunFilter(run.ExperimentId), cancellationToken);
        return new RunDetail
        {
            Run = run,
            Experiment = previous?.Experiment ?? (await experiments.FindAsync(run.ExperimentId, cancellationToken))!,
            Config = previous?.Config ?? Indented((await runs.ConfigAsync(id, cancellationToken)).Config),
            Family = family,
            EqualExperiments = previous?.EqualExperiments ?? await EqualAsync(run.ExperimentId, cancellationToken),
            Metrics = await MetricsAsync(id, family, cancellationToken),
            Attempts = tried,
            Events = await events.ListAsync(id, cancellationToken),
            Checkpoints = await checkpoints.ListAsync(id, cancellationToken),
            Artifacts = await artifacts.ListAsync(id, cancellationToken),
            Log = await log.TailAsync(id, LogLines, cancellationToken),
            Host = run.State is RunState.Running ? tried.LastOrDefault()?.Host : null,
        };
    }

    /// <summary>The run's own, and the test scores of the newest evaluation of its checkpoint.</summary>
    private async Task<IReadOnlyDictionary<string, MetricSummary>> MetricsAsync(
        Guid id, IReadOnlyList<Run> family, CancellationToken cancellationToken)
    {
        var evaluations = family.Where(run => run.Kind is RunKind.Evaluate && run.SourceRun == id)
            .OrderBy(run => run.CreatedAt).Select(run => run.Id).ToList();
        var summaries = await metrics.SummariesAsync([id, .. evaluations], names: null, cancellationToken);
        var shown = new Dictionary<string, MetricSummary>();
        foreach (var run in evaluations.Append(id).Where(summaries.ContainsKey))
        {
            foreach (var (name, summary) in summaries[run].Where(metric => run == id || metric.Key.StartsWith("test/", StringComparison.Ordinal)))
                shown[name] = summary;
        }
        return shown;
    }

    private async Task<IReadOnlyList<Experiment>> EqualAsync(Guid experiment, CancellationToken cancellationToken)
    {
        var equal = new List<Experiment>();
        foreach (var id in (await experiments.EqualAsync(experiment, cancellationToken)).Take(MaxEqual))
        {
            if (await experiments.FindAsync(id, cancellationToken) is { } found)
                equal.Add(found);
        }
        return equal;
    }

    private static string Indented(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement, s_indented);
    }
}
