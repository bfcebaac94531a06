using ChangeDetection.Core.Runs.Retention;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Usage;

using Bytes = IReadOnlyDictionary<string, long>;

/// <summary>Reads what a system takes. Rows alone are asked, in a handful of statements, however many runs there are.</summary>
public sealed class StorageUsageReader(NpgsqlDataSource database)
{
    private const int TimeoutSeconds = 300;

    /// <summary>Tables that grow with training.</summary>
    private static readonly string[] s_growing = ["metrics", "log_lines", "events"];

    private sealed record Row
    {
        public Guid Id { get; init; }
        public string Name { get; init; } = "";
        public DateTime CreatedAt { get; init; }
        public DateTime? ArchivedAt { get; init; }
        public int Runs { get; init; }
        public int Unfinished { get; init; }
    }

    public async Task<StorageUsage> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // One moment for all of it.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var tables = await TablesAsync(connection, cancellationToken);
        var experiments = await ExperimentsAsync(connection, tables, cancellationToken);
        return new StorageUsage
        {
            Kinds = Sum(experiments.SelectMany(experiment => experiment.Kinds)),
            Experiments = experiments,
            Tables = [.. tables.OrderByDescending(table => table.Bytes)],
            DatabaseBytes = await connection.QuerySingleAsync<long>(Sql("select pg_database_size(current_database())", null, cancellationToken)),
            CouldGo = await CouldGoAsync(connection, experiments, cancellationToken),
        };
    }

    private static async Task<List<TableUsage>> TablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = (await connection.QueryAsync<(string Name, long Bytes, long Rows)>(Sql(
            """
            select c.relname::text, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
            from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
            union all
            select 'hangfire', coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint, coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'hangfire' and c.relkind = 'r'
            """, null, cancellationToken))).Select(table => new TableUsage(table.Name, table.Bytes, table.Rows));
        return [.. tables];
    }

    private static async Task<IReadOnlyList<ExperimentUsage>> ExperimentsAsync(
        NpgsqlConnection connection, List<TableUsage> tables, CancellationToken cancellationToken)
    {
        var kinds = (await connection.QueryAsync<(Guid? Experiment, string Kind, long Bytes)>(Sql(
            $"""
            select r.experiment_id, of_runs.kind, sum(of_runs.bytes)::bigint
            from (select run_id, kind, sum(bytes) as bytes from ({StoredKinds.Rows}) stored group by run_id, kind) of_runs
            left join runs r on r.id = of_runs.run_id group by r.experiment_id, of_runs.kind
            """, null, cancellationToken))).ToLookup(one => one.Experiment, one => KeyValuePair.Create(one.Kind, one.Bytes));
        var rows = await RowsAsync(connection, tables, cancellationToken);
        var frees = (await connection.QueryAsync<(Guid Experiment, long Bytes)>(Sql(
            $"""
            select r.experiment_id, sum(case when place > 1 then bytes else coalesce(optimizer_bytes, 0) end)::bigint
            from ({ExperimentArchive.Ranked}) ranked join runs r on r.id = run_id group by r.experiment_id
            """, null, cancellationToken))).ToDictionary(one => one.Experiment, one => one.Bytes);
        var found = (await connection.QueryAsync<Row>(Sql(
            """
            select e.id, e.name, e.created_at, e.archived_at, count(r.id)::int as runs,
                   (count(r.id) filter (where r.state in ('queued', 'running', 'paused')))::int as unfinished
            from experiments e left join runs r on r.experiment_id = e.id group by e.id
            """, null, cancellationToken))).Select(row => new ExperimentUsage(
                row.Id, row.Name, row.CreatedAt, row.ArchivedAt is not null, row.Runs, row.Unfinished, Sum(kinds[row.Id]),
                rows[row.Id].ToDictionary(table => table.Table, table => table.Rows), rows[row.Id].Sum(table => table.Bytes),
                row.ArchivedAt is null && row.Unfinished == 0 ? frees.GetValueOrDefault(row.Id) : 0));
        var ofNone = Sum(kinds[null]);
        IEnumerable<ExperimentUsage> rest = ofNone.Count == 0 ? [] : [new(null, "(of none)", null, false, 0, 0, ofNone, ofNone.Take(0).ToDictionary(), 0, 0)];
        return [.. found.Concat(rest).OrderByDescending(experiment => experiment.Bytes).ThenBy(experiment => experiment.Id)];
    }

    /// <summary>Rows of each experiment, and by them its share of the tables. What was counted replaces the server's estimate.</summary>
    private static async Task<ILookup<Guid, (string Table, long Rows, long Bytes)>> RowsAsync(
        NpgsqlConnection connection, List<TableUsage> tables, CancellationToken cancellationToken)
    {
        var all = new List<(Guid Experiment, (string, long, long) Share)>();
        foreach (var name in s_growing)
        {
            var counted = (await connection.QueryAsync<(Guid Experiment, long Rows)>(Sql(
                $"""
                select r.experiment_id, sum(n)::bigint from (select run_id, count(*) as n from {name} group by run_id) counted
                join runs r on r.id = run_id group by r.experiment_id
                """, null, cancellationToken))).ToList();
            var (place, total) = (tables.FindIndex(table => table.Name == name), counted.Sum(one => one.Rows));
            tables[place] = tables[place] with { Rows = total };
            all.AddRange(counted.Select(one =>
                (one.Experiment, (name, one.Rows, (long)((double)tables[place].Bytes * one.Rows / Math.Max(total, 1))))));
        }
        return all.ToLookup(one => one.Experiment, one => one.Share);
    }

    private static async Task<IReadOnlyList<Freeable>> CouldGoAsync(
        NpgsqlConnection connection, IReadOnlyList<ExperimentUsage> experiments, CancellationToken cancellationToken)
    {
        var optimizers = await connection.QuerySingleAsync<long>(Sql(
            $"""
            {OptimizerStates.Unneeded}
            select coalesce((select sum(optimizer_bytes) from unneeded), 0)::bigint + coalesce((
                select sum(optimizer_bytes) from checkpoints where optimizer_released_at is not null and retired_at is null and optimizer_bytes > 0), 0)::bigint
            """, null, cancellationToken));
        var (lost, lostBytes) = await connection.QuerySingleAsync<(int, long)>(Sql(
            $"""
            select count(distinct r.id)::int, coalesce(sum(stored.bytes), 0)::bigint
            from runs r left join ({StoredKinds.Rows}) stored on stored.run_id = r.id and stored.kind <> 'unreferenced'
            where r.state in ('failed', 'cancelled')
            """, null, cancellationToken));
        var unreferenced = experiments.Sum(experiment => experiment.Kinds.GetValueOrDefault(StoredKinds.Unreferenced));
        var archivable = experiments.Where(experiment => experiment.ArchiveFrees > 0).ToList();
        Freeable[] all =
        [
            new("unreferenced objects, whose grace time may not have ended", unreferenced, "changedetection checkpoint gc"),
            new("optimizer states of runs that have ended, by checkpoint.keep_optimizer", optimizers, "changedetection checkpoint gc"),
            new($"of {archivable.Count} experiments that have ended, all but the best weights, pictures, reports and maps",
                archivable.Sum(experiment => experiment.ArchiveFrees), "changedetection archive EXPERIMENT…"),
            new($"{lost} runs that failed or were cancelled, with everything", lostBytes, "changedetection delete RUN…"),
        ];
        return [.. all.Where(one => one.Bytes > 0)];
    }

    private static Bytes Sum(IEnumerable<KeyValuePair<string, long>> kinds) =>
        kinds.GroupBy(kind => kind.Key, StringComparer.Ordinal).ToDictionary(kind => kind.Key, kind => kind.Sum(one => one.Value), StringComparer.Ordinal);

    private static CommandDefinition Sql(string sql, object? parameters, CancellationToken cancellationToken) =>
        new(sql, parameters, commandTimeout: TimeoutSeconds, cancellationToken: cancellationToken);
}
