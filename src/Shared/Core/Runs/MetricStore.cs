using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The table <c>metrics</c>: each (run, name, step) once, whichever attempt wrote it first.</summary>
public sealed class MetricStore(NpgsqlDataSource database)
{
    /// <summary>Points of a run in the order of their steps; of one metric, or of all.</summary>
    public async Task<IReadOnlyList<MetricPoint>> ListAsync(Guid run, string? name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<MetricPoint>(new CommandDefinition(
            "select name, step, epoch, value from metrics where run_id = @run and (@name::text is null or name = @name) order by name, step",
            new { run, name }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>
    /// Points of one metric after a step. Within a metric, steps are written in rising order, so a reader that asks for those after
    /// the last it has seen misses none.
    /// </summary>
    public async Task<IReadOnlyList<MetricPoint>> ListAfterAsync(Guid run, string name, long afterStep, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<MetricPoint>(new CommandDefinition(
            "select name, step, epoch, value from metrics where run_id = @run and name = @name and step > @afterStep order by step",
            new { run, name, afterStep }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>Each metric of the given runs in short.</summary>
    /// <param name="names">Only these metrics; null for all.</param>
    public async Task<IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, MetricSummary>>> SummariesAsync(
        IReadOnlyCollection<Guid> runs, IReadOnlyCollection<string>? names, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(Guid Run, string Name, long LastStep, long Points, double Last, double? Best)>(new CommandDefinition(
            """
            select run_id, name, max(step), count(*), (array_agg(value order by step desc))[1],
                   case when name like '%/loss' then min(value) filter (where value <> 'NaN') else max(value) filter (where value <> 'NaN') end
            from metrics where run_id = any(@runs) and (@names::text[] is null or name = any(@names))
            group by run_id, name
            """,
            new { runs = runs.ToArray(), names = names?.ToArray() }, cancellationToken: cancellationToken));
        return rows.GroupBy(row => row.Run).ToDictionary(
            group => group.Key,
            IReadOnlyDictionary<string, MetricSummary> (group) => group.ToDictionary(
                row => row.Name, row => new MetricSummary(row.Last, row.Best ?? double.NaN, row.LastStep, row.Points)));
    }

    /// <summary>The last value of each metric of the given runs.</summary>
    public async Task<IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, double>>> LastAsync(
        IReadOnlyCollection<Guid> runs, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(Guid Run, string Name, double Value)>(new CommandDefinition(
            "select distinct on (run_id, name) run_id, name, value from metrics where run_id = any(@runs) order by run_id, name, step desc",
            new { runs = runs.ToArray() }, cancellationToken: cancellationToken));
        return rows.GroupBy(row => row.Run).ToDictionary(
            group => group.Key,
            IReadOnlyDictionary<string, double> (group) => group.ToDictionary(row => row.Name, row => row.Value));
    }

    /// <summary>The best value of each validation and test metric of a run: the smallest loss, the largest score.</summary>
    public async Task<IReadOnlyDictionary<string, double>> BestAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Name, double Value)>(new CommandDefinition(
            """
            select name, case when name like '%/loss' then min(value) else max(value) end
            from metrics where run_id = @run and name not like 'train/%' group by name
            """,
            new { run }, cancellationToken: cancellationToken));
        return rows.ToDictionary(row => row.Name, row => row.Value);
    }

    /// <summary>Writes points of an attempt. A repeated one changes nothing: equal steps have equal values (results are functions of the step).</summary>
    public static Task AddAsync(FencedTransaction fence, IReadOnlyCollection<MetricPoint> points, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            """
            insert into metrics (run_id, attempt, name, step, epoch, value)
            select @run, @attempt, * from unnest(@names, @steps, @epochs, @values)
            on conflict (run_id, name, step) do nothing
            """,
            new
            {
                names = points.Select(point => point.Name).ToArray(),
                steps = points.Select(point => point.Step).ToArray(),
                epochs = points.Select(point => point.Epoch).ToArray(),
                values = points.Select(point => point.Value).ToArray(),
            },
            cancellationToken);
}
