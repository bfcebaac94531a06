using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;

namespace ChangeDetection.Dashboard.Runs;

using RunScores = IReadOnlyDictionary<string, MetricSummary>;

/// <summary>Reads the front page's runs.</summary>
public sealed class RunBoardReader(ExperimentStore experiments, RunStore runs, MetricStore metrics, WorkerStore workers)
{
    private const int MaxRuns = 1000;
    private const int MaxArchived = 500;
    private static readonly string[] s_scores = ["val/f1", "test/f1"];
    private static readonly RunScores s_none = new Dictionary<string, MetricSummary>();

    public async Task<RunBoard> ReadAsync(RunBoard? previous, CancellationToken cancellationToken)
    {
        var listed = await runs.ListAsync(new RunFilter(Limit: MaxRuns + 1, Archived: false), cancellationToken);
        var archived = await runs.ListAsync(new RunFilter(Limit: MaxArchived, Archived: true), cancellationToken);
        var shown = listed.Take(MaxRuns).Concat(archived).ToList();
        var headings = (await experiments.ListAsync([.. shown.Select(run => run.ExperimentId).Distinct()], cancellationToken))
            .ToDictionary(experiment => experiment.Id);
        var hosts = (await workers.ListAsync(all: true, cancellationToken)).ToDictionary(worker => worker.Id, worker => worker.Host);
        var scores = await ScoresAsync(shown, previous, cancellationToken);
        var evaluations = shown.Where(run => run.Kind is RunKind.Evaluate).ToLookup(run => run.SourceRun);
        return new RunBoard(
            shown.GroupBy(run => run.ExperimentId)
                .Where(group => headings.ContainsKey(group.Key))
                .Select(group => new ExperimentRow(headings[group.Key], group.OrderBy(run => run.CreatedAt).Select(Row).ToList())).ToList(),
            listed.Count > MaxRuns);

        RunRow Row(Run run) => new(
            run,
            run.WorkerId is { } worker ? hosts.GetValueOrDefault(worker) : null,
            Scores(run),
            evaluations[run.Id].Prepend(run).Select(TestF1).LastOrDefault(score => score is not null));

        double? TestF1(Run run) => Scores(run).GetValueOrDefault("test/f1")?.Last;

        RunScores Scores(Run run) => scores.GetValueOrDefault(run.Id, s_none);
    }

    /// <summary>A finished run's numbers stand still, so only those of the others are read again.</summary>
    private async Task<Dictionary<Guid, RunScores>> ScoresAsync(List<Run> shown, RunBoard? previous, CancellationToken cancellationToken)
    {
        var known = previous?.Runs.Where(row => row.Run.State.IsTerminal()).ToDictionary(row => row.Run.Id) ?? [];
        var scores = new Dictionary<Guid, RunScores>();
        var unknown = new List<Guid>();
        foreach (var run in shown)
        {
            if (known.TryGetValue(run.Id, out var row) && row.Run == run)
                scores[run.Id] = row.Scores;
            else if (run.Attempt > 0)
                unknown.Add(run.Id);
        }
        foreach (var (run, summaries) in await metrics.SummariesAsync(unknown, s_scores, cancellationToken))
            scores[run] = summaries;
        return scores;
    }
}
