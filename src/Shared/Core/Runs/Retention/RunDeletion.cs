using ChangeDetection.Core.Hosting;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Retention;

/// <summary>
/// One deletion, within its transaction. The rows of the runs are locked first: whoever retries, claims or reads one of them at the same moment comes
/// before, and is seen, or after, and finds nothing.
/// </summary>
internal sealed class RunDeletion(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    /// <summary>Of a run with millions of points.</summary>
    private const int TimeoutSeconds = 1800;

    /// <summary>Tables that refer to runs by <c>run_id</c> and go with them, in this order; a test holds them against the foreign keys.</summary>
    internal static readonly IReadOnlyList<string> Tables =
        ["log_lines", "metrics", "events", "strips", "artifacts", "checkpoints", "attempts", "run_datasets", "uploads"];

    private sealed record Row
    {
        public Guid Id { get; init; }
        public Guid ExperimentId { get; init; }
        public string Name { get; init; } = "";
        public RunKind Kind { get; init; }
        public RunState State { get; init; }
        public Guid? DependsOn { get; init; }
    }

    /// <summary>What goes, or why nothing does.</summary>
    /// <param name="locked">Keeps what was found as it is until the transaction ends.</param>
    public async Task<DeletionPlan> PlanAsync(IReadOnlyCollection<Guid> ids, bool withDependents, bool locked, CancellationToken cancellationToken)
    {
        var chosen = (await QueryAsync<Row>(
            $"""
            select id, experiment_id, name, kind, state from runs where id = any(@ids) or experiment_id = any(@ids)
            order by id{(locked ? " for update" : "")}
            """, new { ids = ids.ToArray() }, cancellationToken)).ToDictionary(run => run.Id);
        var dependents = await DependentsAsync(chosen, cancellationToken);
        while (withDependents && dependents.Count > 0)
        {
            var sources = dependents.ToDictionary(run => run.Id, run => run.DependsOn);
            // Those that are locked now may have been retried since they were found.
            foreach (var run in await QueryAsync<Row>(
                $"select id, experiment_id, name, kind, state from runs where id = any(@ids) order by id{(locked ? " for update" : "")}",
                new { ids = sources.Keys.ToArray() }, cancellationToken))
                chosen.Add(run.Id, run with { DependsOn = sources[run.Id] });
            dependents = await DependentsAsync(chosen, cancellationToken);
        }
        var known = chosen.Values.SelectMany(run => new[] { run.Id, run.ExperimentId }).ToHashSet();
        var deleted = await DeletedRunStore.FindAsync(connection, transaction, [.. ids.Where(id => !known.Contains(id))], cancellationToken);
        known.UnionWith(deleted.SelectMany(run => new[] { run.RunId, run.ExperimentId }));
        return new DeletionPlan
        {
            Runs = await WeighAsync([.. chosen.Values.OrderBy(run => run.Id)], cancellationToken),
            Experiments = await ExperimentsAsync([.. chosen.Keys], cancellationToken),
            Refusals = [.. chosen.Values.Where(run => !run.State.IsTerminal()).OrderBy(run => run.Id).Select(Unfinished),
                .. dependents.Select(run => Dependent(run, chosen[run.DependsOn!.Value]))],
            DeletedBefore = deleted,
            Unknown = [.. ids.Where(id => !known.Contains(id)).Distinct()],
            Rows = await CountAsync([.. chosen.Keys], cancellationToken),
        };
    }

    /// <summary>Deletes the rows, and leaves behind by what their objects are known.</summary>
    public async Task DeleteAsync(DeletionPlan plan, CancellationToken cancellationToken)
    {
        var runs = plan.Runs.Select(run => run.Id).ToArray();
        await ExecuteAsync(
            """
            insert into deleted_runs (run_id, experiment_id, name, kind, left_bytes)
            select r.id, r.experiment_id, r.name, r.kind, gone.bytes from unnest(@runs, @bytes) as gone(id, bytes) join runs r using (id)
            """, new { runs, bytes = plan.Runs.Select(run => run.Bytes.Values.Sum()).ToArray() }, cancellationToken);
        foreach (var table in Tables)
            await ExecuteAsync($"delete from {table} where run_id = any(@runs)", new { runs }, cancellationToken);
        await ExecuteAsync("delete from run_dependencies where run_id = any(@runs) or parent_id = any(@runs)", new { runs }, cancellationToken);
        await ExecuteAsync("update worker_slots set run_id = null, attempt = null where run_id = any(@runs)", new { runs }, cancellationToken);
        await ExecuteAsync("delete from runs where id = any(@runs)", new { runs }, cancellationToken);
        await ExecuteAsync(
            "delete from experiments where id = any(@experiments)",
            new { experiments = plan.Experiments.Select(experiment => experiment.Id).ToArray() }, cancellationToken);
        CrashPoint.Reach(CrashPoints.DeletionWritten);
    }

    /// <summary>Runs that read a checkpoint of one of these, or wait for it, and are none of them.</summary>
    private Task<List<Row>> DependentsAsync(Dictionary<Guid, Row> chosen, CancellationToken cancellationToken) => QueryAsync<Row>(
        """
        with chosen as (select unnest(@ids) as id),
        dependents as (
            select r.id, c.id as depends_on from chosen c join runs r on r.source_run = c.id
            union select r.id, c.id from chosen c join runs r on r.weights_of = c.id
            union select d.run_id, c.id from chosen c join run_dependencies d on d.parent_id = c.id)
        select distinct on (r.id) r.id, r.experiment_id, r.name, r.kind, r.state, d.depends_on
        from dependents d join runs r on r.id = d.id
        where not exists (select 1 from chosen c where c.id = d.id) order by r.id, d.depends_on
        """, new { ids = chosen.Keys.ToArray() }, cancellationToken);

    private async Task<IReadOnlyList<RunToDelete>> WeighAsync(IReadOnlyList<Row> runs, CancellationToken cancellationToken)
    {
        var bytes = (await QueryAsync<(Guid Run, string Kind, long Bytes)>(
            $"select run_id, kind, sum(bytes)::bigint from ({StoredKinds.Rows}) stored where run_id = any(@ids) group by run_id, kind",
            new { ids = runs.Select(run => run.Id).ToArray() }, cancellationToken)).ToLookup(one => one.Run);
        return [.. runs.Select(run => new RunToDelete(
            run.Id, run.ExperimentId, run.Name, run.Kind, run.State, run.DependsOn,
            bytes[run.Id].ToDictionary(one => one.Kind, one => one.Bytes, StringComparer.Ordinal)))];
    }

    private async Task<IReadOnlyList<ExperimentToDelete>> ExperimentsAsync(Guid[] runs, CancellationToken cancellationToken) =>
        [.. (await QueryAsync<(Guid Id, string Name)>(
            """
            select e.id, e.name from experiments e join runs r on r.experiment_id = e.id left join unnest(@runs) as going(id) on going.id = r.id
            where e.id in (select experiment_id from runs where id = any(@runs))
            group by e.id, e.name having bool_and(going.id is not null) order by e.id
            """, new { runs }, cancellationToken)).Select(one => new ExperimentToDelete(one.Id, one.Name))];

    private async Task<IReadOnlyDictionary<string, long>> CountAsync(Guid[] runs, CancellationToken cancellationToken)
    {
        var counts = Tables.Select(table => $"select '{table}' as name, count(*) as rows from {table} where run_id = any(@runs)");
        return (await QueryAsync<(string Name, long Rows)>(string.Join(" union all ", counts), new { runs }, cancellationToken))
            .Append((Name: "runs", Rows: (long)runs.Length))
            .Where(table => table.Rows > 0).ToDictionary(table => table.Name, table => table.Rows, StringComparer.Ordinal);
    }

    private static DeletionRefusal Unfinished(Row run) => new(
        run.Id, run.Name, run.State, null,
        $"is {run.State.Word()}, so it is not deleted. Cancel it first: changedetection cancel {run.Id}.");

    private static DeletionRefusal Dependent(Row run, Row source) => new(
        source.Id, source.Name, source.State, run.Id,
        $"is not deleted: run {run.Id} ({run.Name}, {run.State.Word()}) {Does(run.Kind)}. Delete that one too (--with-dependents), or keep both.");

    private static string Does(RunKind kind) => kind switch
    {
        RunKind.Evaluate => "evaluates its checkpoint",
        RunKind.Predict => "predicts with its checkpoint",
        _ => "started from its checkpoint",
    };

    private async Task<List<T>> QueryAsync<T>(string sql, object parameters, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, transaction, TimeoutSeconds, cancellationToken: cancellationToken))).AsList();

    private Task ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, TimeoutSeconds, cancellationToken: cancellationToken));
}
