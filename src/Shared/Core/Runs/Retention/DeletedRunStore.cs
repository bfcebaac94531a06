using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Retention;

/// <summary>A run cannot be queued: it names one that was deleted meanwhile.</summary>
public sealed class RunDeletedException(Guid run)
    : IOException($"Run {run}, whose checkpoint this was to read, has been deleted meanwhile. Nothing was queued: name another run's.");

/// <summary>A row of <c>deleted_runs</c>.</summary>
public sealed record DeletedRun
{
    public Guid RunId { get; init; }
    public Guid ExperimentId { get; init; }
    public string Name { get; init; } = "";
    public DateTime DeletedAt { get; init; }
}

/// <summary>The table <c>deleted_runs</c>: what is left of runs that were deleted. By it the collector knows their objects for this system's.</summary>
public static class DeletedRunStore
{
    /// <summary>Those of these ids that were runs, or experiments of runs, and were deleted.</summary>
    internal static async Task<IReadOnlyList<DeletedRun>> FindAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<DeletedRun>(new CommandDefinition(
            """
            select run_id, experiment_id, name, deleted_at from deleted_runs where run_id = any(@ids) or experiment_id = any(@ids) order by run_id
            """,
            new { ids = ids.ToArray() }, transaction, cancellationToken: cancellationToken))).ToList();

    /// <summary>
    /// Within the transaction that gives a run its row: holds the runs whose checkpoints it reads against a deletion. One that is under way is waited for.
    /// </summary>
    /// <exception cref="RunDeletedException">One of them has been deleted.</exception>
    internal static async Task RequireSourcesAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, PlannedRun run, CancellationToken cancellationToken)
    {
        var sources = new { run.Id, source = run.WaitsFor ?? run.Reads, run.ConfigJson };
        await connection.ExecuteAsync(new CommandDefinition(
            "select 1 from runs where id in (@source, weights_run(@ConfigJson::jsonb)) for key share",
            sources, transaction, cancellationToken: cancellationToken));
        var deleted = await connection.QueryFirstOrDefaultAsync<Guid?>(new CommandDefinition(
            "select run_id from deleted_runs where run_id in (@source, weights_run(@ConfigJson::jsonb)) and run_id <> @Id",
            sources, transaction, cancellationToken: cancellationToken));
        if (deleted is { } gone)
            throw new RunDeletedException(gone);
    }
}
