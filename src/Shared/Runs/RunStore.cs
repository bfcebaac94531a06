using Dapper;
using Npgsql;

namespace ChangeDetection.Runs;

/// <summary>The table <c>runs</c>, for those who read it and for the user's wishes; attempts write it through <see cref="LeaseStore"/> and <see cref="AttemptStore"/>.</summary>
public sealed class RunStore(NpgsqlDataSource database)
{
    private const string Columns =
        """
        id, experiment_id, name, kind, state, reason, priority, device, source_run, waits_for, attempt, worker_id, slot, lease_until,
        cancel_requested, pause_requested, deaths, errors, preemptions, epoch, step, total_steps, progress, eta_seconds,
        samples_per_second, data_wait_seconds, created_at, started_at, finished_at
        """;

    public async Task<Run?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Run>(new CommandDefinition(
            $"select {Columns} from runs where id = @id", new { id }, cancellationToken: cancellationToken));
    }

    /// <summary>Runs, newest experiment first, in the order of their submission within it.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(RunFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Run>(new CommandDefinition(
            $"""
            select {Columns} from runs
            where (@experiment::uuid is null or experiment_id = @experiment) and (@state::text is null or state = @state)
            order by experiment_id desc, id limit @limit
            """,
            new { experiment = filter.Experiment, state = filter.State?.ToString().ToLowerInvariant(), limit = filter.Limit },
            cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>The run's config as JSON, and its digest.</summary>
    public async Task<(string Config, string Digest)> ConfigAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<(string, string)>(new CommandDefinition(
            "select config::text, digest from runs where id = @id", new { id }, cancellationToken: cancellationToken));
    }

    /// <summary>
    /// Asks for a run's end. One that waits is cancelled at once; one that runs is stopped by its worker, or by the expiry of its lease.
    /// </summary>
    /// <returns>The state afterwards; null when there is no such run. A finished run stays as it is.</returns>
    public async Task<RunState?> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // As text: Dapper reads an enumeration by its name in a record's property, but not as a bare value.
        var state = await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            """
            with asked as (
                update runs set cancel_requested = true,
                       state = case when state = 'running' then state else 'cancelled' end,
                       reason = case when state = 'running' then reason else 'cancelled by the user' end,
                       finished_at = case when state = 'running' then null else clock_timestamp() end
                where id = @id and state in ('queued', 'running', 'paused') and not (state = 'running' and cancel_requested)
                returning id, attempt, state),
            noted as (
                insert into events (run_id, attempt, type, detail)
                select id, nullif(attempt, 0), case when state = 'cancelled' then 'cancelled' else 'cancel-requested' end, 'by the user' from asked)
            select coalesce((select state from asked), (select state from runs where id = @id))
            """,
            new { id }, cancellationToken: cancellationToken));
        return state is null ? null : Enum.Parse<RunState>(state, ignoreCase: true);
    }
}

/// <summary>Which runs to list.</summary>
public sealed record RunFilter(Guid? Experiment = null, RunState? State = null, int Limit = 1000);
