using ChangeDetection.Core.Runs.Loader;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;
using Npgsql;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>Gathers from the stores what the verbs print.</summary>
public sealed class RunReader(NpgsqlDataSource database, Uri store)
{
    private readonly RunStore _runs = new(database);
    private readonly MetricStore _metrics = new(database);
    private readonly AttemptStore _attempts = new(database);

    public async Task<IReadOnlyList<RunDocument>> ListAsync(RunFilter filter, CancellationToken cancellationToken)
    {
        var runs = await _runs.ListAsync(filter, cancellationToken);
        var metrics = await _metrics.LastAsync([.. runs.Select(run => run.Id)], cancellationToken);
        return [.. runs.Select(run => RunDocument.Of(run, metrics.GetValueOrDefault(run.Id)))];
    }

    /// <summary>A run with its attempts, events and files; null when there is none of this id.</summary>
    public async Task<RunDocument?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await _runs.FindAsync(id, cancellationToken) is not { } run)
            return null;
        var metrics = await _metrics.LastAsync([id], cancellationToken);
        return RunDocument.Of(run, metrics.GetValueOrDefault(id)) with
        {
            Best = await _metrics.BestAsync(id, cancellationToken),
            Datasets = await new DatasetStore(database).OfRunAsync(id, cancellationToken),
            Attempts = [.. (await _attempts.ListAsync(id, cancellationToken)).Select(attempt => new AttemptDocument(
                attempt.Number, attempt.WorkerId, attempt.Host, attempt.Slot, attempt.TrainerPid,
                attempt.StartedAt, attempt.EndedAt, attempt.Ending, attempt.Detail,
                LoaderFigures.FromJson(attempt.Loader)))],
            Events = [.. (await new EventStore(database).ListAsync(id, cancellationToken)).Select(entry =>
                new EventDocument(entry.At, entry.Type, entry.Attempt, entry.Detail))],
            Artifacts = [.. (await new ArtifactStore(database).ListAsync(id, cancellationToken)).Select(artifact => new ArtifactDocument(
                artifact.Name, new Uri($"{store.AbsoluteUri.TrimEnd('/')}/{artifact.ObjectKey}"), artifact.ContentType, artifact.Bytes, artifact.Sha256))],
        };
    }

    /// <summary>An experiment with all its runs in full; null when there is none of this id.</summary>
    public async Task<ExperimentDocument?> FindExperimentAsync(Guid id, CancellationToken cancellationToken)
    {
        var experiments = new ExperimentStore(database);
        if (await experiments.FindAsync(id, cancellationToken) is not { } experiment)
            return null;
        var runs = new List<RunDocument>();
        foreach (var run in await _runs.ListAsync(new RunFilter(Experiment: id), cancellationToken))
            runs.Add((await FindAsync(run.Id, cancellationToken))!);
        return new ExperimentDocument(id, experiment.Name, experiment.Digest, experiment.CreatedAt, await experiments.EqualAsync(id, cancellationToken), runs)
        {
            ArchivedAt = experiment.ArchivedAt,
        };
    }
}
