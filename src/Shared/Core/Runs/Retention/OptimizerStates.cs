using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Retention;

/// <summary>The optimizer's state of a checkpoint that is kept for its weights alone, and whose object is still there.</summary>
public sealed record UnneededOptimizer
{
    public Guid RunId { get; init; }
    public long Step { get; init; }
    public int Attempt { get; init; }
    /// <summary>Of the checkpoint.</summary>
    public string Prefix { get; init; } = "";
    /// <summary>Null where the row does not know.</summary>
    public long? Bytes { get; init; }
    /// <summary>When its grace time ends.</summary>
    public DateTime DueAt { get; init; }
    /// <summary>Whether it has, by the database's clock.</summary>
    public bool Due { get; init; }
    /// <summary>Its run, where an attempt runs that may have been told of it before; null when there is none.</summary>
    public Guid? HeldBy { get; init; }
}

/// <summary>
/// Optimizer states in <c>checkpoints</c>. While a run has not ended all of them stay: a resume that finds the newest checkpoint damaged takes the one
/// before. When it has, <c>checkpoint.keep_optimizer</c> says what stays: that of the newest intact checkpoint, by default, from which a retry goes on.
/// With <c>none</c> that of a run that has succeeded goes too, and of an archived experiment every one.
/// </summary>
public sealed class OptimizerStates(NpgsqlDataSource database)
{
    /// <summary>Those that nothing needs and that no row says so of yet.</summary>
    internal const string Unneeded =
        """
        with ranked as (
            select c.run_id, c.step, c.attempt, c.optimizer_bytes, r.state, e.archived_at,
                   coalesce(r.config #>> '{checkpoint,keep_optimizer}', 'last') as keeps, c.optimizer_released_at,
                   row_number() over (partition by c.run_id, c.damaged_at is null order by c.attempt desc, c.step desc) as newest, c.damaged_at
            from checkpoints c join runs r on r.id = c.run_id join experiments e on e.id = r.experiment_id
            where c.retired_at is null and r.state in ('succeeded', 'failed', 'cancelled')),
        unneeded as (
            select run_id, step, attempt, optimizer_bytes from ranked
            where optimizer_released_at is null and optimizer_bytes is distinct from 0
              and (archived_at is not null
                   or (keeps = 'none' and state = 'succeeded')
                   or (keeps <> 'all' and not (damaged_at is null and newest = 1))))
        """;

    /// <summary>Notes of what nothing needs that it is no longer kept; its grace time begins. Doing it again does no harm.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ReleaseAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            $"""
            {Unneeded}
            update checkpoints c set optimizer_released_at = clock_timestamp() from unneeded u
            where c.run_id = u.run_id and c.step = u.step and c.attempt = u.attempt and c.optimizer_released_at is null
            """, cancellationToken: cancellationToken));
    }

    /// <summary>Those that are no longer kept, the first that were so first; then those that nothing needs and that no row says so of yet.</summary>
    public async Task<IReadOnlyList<UnneededOptimizer>> ListAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<UnneededOptimizer>(new CommandDefinition(
            $"""
            {Unneeded}
            select c.run_id, c.step, c.attempt, c.prefix, c.optimizer_bytes as bytes,
                   coalesce(c.optimizer_released_at, clock_timestamp()) + @grace as due_at,
                   coalesce(c.optimizer_released_at + @grace <= clock_timestamp(), @grace = interval '0') as due,
                   (select r.id from runs r where r.id = c.run_id and r.state = 'running') as held_by
            from checkpoints c
            where c.retired_at is null and c.optimizer_bytes is distinct from 0
              and (c.optimizer_released_at is not null
                   or exists (select 1 from unneeded u where u.run_id = c.run_id and u.step = c.step and u.attempt = c.attempt))
            order by c.optimizer_released_at nulls last, c.prefix
            """,
            new { grace }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>Notes how much one is that the row did not know of, before its object goes.</summary>
    public async Task MeasuredAsync(UnneededOptimizer optimizer, long bytes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update checkpoints set optimizer_bytes = @bytes
            where run_id = @RunId and step = @Step and attempt = @Attempt and optimizer_bytes is null
            """,
            new { bytes, optimizer.RunId, optimizer.Step, optimizer.Attempt }, cancellationToken: cancellationToken));
    }

    /// <summary>The object is gone: the checkpoint takes so much less.</summary>
    public async Task RemoveAsync(UnneededOptimizer optimizer, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update checkpoints set bytes = bytes - coalesce(optimizer_bytes, 0), optimizer_bytes = 0
            where run_id = @RunId and step = @Step and attempt = @Attempt and optimizer_released_at is not null
            """,
            new { optimizer.RunId, optimizer.Step, optimizer.Attempt }, cancellationToken: cancellationToken));
    }
}
