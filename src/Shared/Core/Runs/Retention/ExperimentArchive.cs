using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Retention;

/// <summary>One act on the archive, within its transaction.</summary>
internal sealed class ExperimentArchive(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    /// <summary>Kept checkpoints. An archived run keeps the first of its own: the best, or the newest where none is best.</summary>
    internal const string Ranked =
        """
        select c.run_id, c.step, c.attempt, c.bytes, c.optimizer_bytes,
               row_number() over (partition by c.run_id order by c.damaged_at is not null, c.best desc, c.attempt desc, c.step desc) as place
        from checkpoints c where c.retired_at is null
        """;

    private sealed record Row
    {
        public Guid Id { get; init; }
        public string Name { get; init; } = "";
        public DateTime? ArchivedAt { get; init; }
    }

    public async Task<ArchivePlan> ArchiveAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var (experiments, refusals) = await FindAsync(ids, cancellationToken);
        var chosen = new { ids = experiments.Select(experiment => experiment.Id).ToArray() };
        // Locked, so that none is retried before its experiment is out of sight: a retry then says so.
        var runs = (await connection.QueryAsync<(Guid Id, Guid Experiment, string Name, string State)>(Sql(
            "select id, experiment_id, name, state from runs where experiment_id = any(@ids) order by id for no key update", chosen, cancellationToken)))
            .ToList();
        refusals.AddRange(runs.Where(run => !RunTransitions.Parse(run.State)!.Value.IsTerminal()).Select(run => new ArchiveRefusal(
            run.Experiment, run.Id, $"its run {run.Id} ({run.Name}) is {run.State}. Wait for its end, or cancel it: changedetection cancel {run.Id}.")));
        refusals.AddRange(await ReadersAsync(chosen, cancellationToken));
        if (refusals.Count > 0)
            return new ArchivePlan([], refusals);

        await connection.ExecuteAsync(Sql(
            "update experiments set archived_at = clock_timestamp() where id = any(@ids) and archived_at is null", chosen, cancellationToken));
        var gone = (await connection.QueryAsync<(Guid Experiment, long Bytes)>(Sql(
            $"""
            with retired as (
                update checkpoints c set retired_at = clock_timestamp()
                from ({Ranked}) ranked, runs r
                where place > 1 and (c.run_id, c.step, c.attempt) = (ranked.run_id, ranked.step, ranked.attempt)
                  and r.id = c.run_id and r.experiment_id = any(@ids)
                returning r.experiment_id, c.bytes)
            select experiment_id, bytes from retired
            """, chosen, cancellationToken)))
            .Concat(await connection.QueryAsync<(Guid Experiment, long Bytes)>(Sql(
            """
            update checkpoints c set optimizer_released_at = coalesce(c.optimizer_released_at, clock_timestamp()) from runs r
            where r.id = c.run_id and r.experiment_id = any(@ids) and c.retired_at is null and c.optimizer_bytes is distinct from 0
            returning r.experiment_id, coalesce(c.optimizer_bytes, 0)
            """, chosen, cancellationToken))).ToLookup(one => one.Experiment, one => one.Bytes);
        return new ArchivePlan(
            [.. experiments.Select(experiment => new ArchivedExperiment(
                experiment.Id, experiment.Name, runs.Count(run => run.Experiment == experiment.Id), experiment.ArchivedAt is not null,
                gone[experiment.Id].Sum()))],
            []);
    }

    public async Task<ArchivePlan> UnarchiveAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var (experiments, refusals) = await FindAsync(ids, cancellationToken);
        var chosen = new { ids = experiments.Select(experiment => experiment.Id).ToArray() };
        var runs = (await connection.QueryAsync<Guid>(Sql(
            "select experiment_id from runs where experiment_id = any(@ids)", chosen, cancellationToken))).ToLookup(id => id);
        await connection.ExecuteAsync(Sql("update experiments set archived_at = null where id = any(@ids)", chosen, cancellationToken));
        return new ArchivePlan(
            [.. experiments.Select(experiment =>
                new ArchivedExperiment(experiment.Id, experiment.Name, runs[experiment.Id].Count(), experiment.ArchivedAt is null, 0))],
            refusals);
    }

    private async Task<(List<Row> Experiments, List<ArchiveRefusal> Refusals)> FindAsync(
        IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var found = (await connection.QueryAsync<Row>(Sql(
            "select id, name, archived_at from experiments where id = any(@ids) order by id for update", new { ids = ids.ToArray() }, cancellationToken)))
            .ToList();
        var unknown = ids.Except(found.Select(experiment => experiment.Id)).ToArray();
        var runs = (await connection.QueryAsync<(Guid Id, Guid Experiment)>(Sql(
            "select id, experiment_id from runs where id = any(@unknown)", new { unknown }, cancellationToken)))
            .ToDictionary(run => run.Id, run => run.Experiment);
        return (found, [.. unknown.Select(id => new ArchiveRefusal(id, null, runs.TryGetValue(id, out var experiment)
            ? $"{id} is a run. Name its experiment, which is archived as a whole: {experiment}."
            : $"There is no experiment {id}. 'changedetection list --all' shows what there is."))]);
    }

    /// <summary>Runs of other experiments that are yet to read a checkpoint of these, and might find another.</summary>
    private async Task<IEnumerable<ArchiveRefusal>> ReadersAsync(object chosen, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<(Guid Experiment, Guid Source, Guid Reader, string Name, string State)>(Sql(
            """
            select source.experiment_id, source.id, reader.id, reader.name, reader.state
            from runs source join runs reader on reader.source_run = source.id or reader.weights_of = source.id
            where source.experiment_id = any(@ids) and reader.experiment_id <> all(@ids) and reader.state in ('queued', 'running', 'paused')
            order by reader.id
            """, chosen, cancellationToken))).Select(one => new ArchiveRefusal(
                one.Experiment, one.Source,
                $"run {one.Reader} ({one.Name}), which is {one.State}, reads a checkpoint of its run {one.Source}. Wait for its end."));

    private CommandDefinition Sql(string sql, object parameters, CancellationToken cancellationToken) =>
        new(sql, parameters, transaction, cancellationToken: cancellationToken);
}
