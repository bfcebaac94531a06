using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The answer to a wish.</summary>
/// <param name="State">Where the run stands now; one that runs acts on the wish at its worker's next renewal.</param>
/// <param name="Granted">Whether what was asked for happens, or was so already.</param>
/// <param name="Words">What happened, or why nothing did and what would be possible; goes behind the run's name.</param>
public sealed record WishAnswer(Guid Run, string Name, RunState State, bool Granted, string Words);

/// <summary>
/// The user's wishes, written to <c>runs</c>. The row is locked, <see cref="RunWishes"/> decides, one statement writes: whoever finishes, claims or
/// expires the run at the same moment comes before or after, never between.
/// </summary>
public sealed class SteeringStore(NpgsqlDataSource database)
{
    /// <summary>Fulfils a wish at once where the run waits; tells the worker where it runs. The database's notification wakes the reconciler.</summary>
    /// <returns>Null when there is no such run.</returns>
    public async Task<WishAnswer?> AskAsync(RunWish wish, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var run = await connection.QuerySingleOrDefaultAsync<Run>(new CommandDefinition(
            "select id, name, state, reason, waits_for, cancel_requested, pause_requested from runs where id = @id for no key update",
            new { id }, transaction, cancellationToken: cancellationToken));
        if (run is null)
            return null;
        if (RunWishes.Fulfilled(run, wish) is { } already)
            return new WishAnswer(id, run.Name, run.State, true, already);
        if (RunWishes.Grant(run, wish) is not { } change)
            return new WishAnswer(id, run.Name, run.State, false, RunWishes.Refusal(run, wish));
        if (change.FreshBudgets && await LostParentAsync(connection, run, cancellationToken) is { } lost)
            return new WishAnswer(id, run.Name, run.State, false, $"waits for run {lost}. Retry that one, and this comes back with it.");

        await WriteAsync(connection, run, change, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new WishAnswer(id, run.Name, change.State, true, change.Words);
    }

    /// <summary>A run that waits for one that failed or was cancelled would be cancelled again at once.</summary>
    private static Task<string?> LostParentAsync(NpgsqlConnection connection, Run run, CancellationToken cancellationToken) =>
        connection.QueryFirstOrDefaultAsync<string?>(new CommandDefinition(
            """
            select parent.id || ', which ' || case parent.state when 'failed' then 'failed' else 'was cancelled' end
            from run_dependencies d join runs parent on parent.id = d.parent_id
            where d.run_id = @Id and not d.satisfied and parent.state in ('failed', 'cancelled') order by parent.id
            """,
            new { run.Id }, cancellationToken: cancellationToken));

    private static Task WriteAsync(NpgsqlConnection connection, Run before, WishChange change, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            update runs set state = @state, cancel_requested = @CancelRequested, pause_requested = @PauseRequested,
                   deaths = case when @FreshBudgets then 0 else deaths end, errors = case when @FreshBudgets then 0 else errors end,
                   -- Queued again: a new ticket at once, and the reason that a run has when it is submitted.
                   hangfire_job = case when @requeued then null else hangfire_job end,
                   reason = case when @requeued then (select 'waits for ' || min(parent_id::text) from run_dependencies where run_id = @Id and not satisfied)
                                 when @state in ('paused', 'cancelled') then @state || ' by the user' else reason end,
                   finished_at = case when @state = 'cancelled' then clock_timestamp() end
            where id = @Id;
            insert into events (run_id, attempt, type, detail) select id, nullif(attempt, 0), @Event, @detail from runs where id = @Id;
            """,
            new
            {
                before.Id,
                state = change.State.Word(),
                change.CancelRequested,
                change.PauseRequested,
                change.FreshBudgets,
                change.Event,
                requeued = change.State is RunState.Queued,
                // What a retry wipes off the row stays in the ledger.
                detail = change.FreshBudgets ? $"by the user; before: {before.State.Word()}, {before.Reason ?? "without a reason"}" : "by the user",
            },
            cancellationToken: cancellationToken));
}
