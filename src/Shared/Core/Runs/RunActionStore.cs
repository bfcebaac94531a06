using ChangeDetection.Core.People;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The answer to a action.</summary>
/// <param name="State">Where the run stands now; one that runs acts on the action at its worker's next renewal.</param>
/// <param name="Granted">Whether what was asked for happens, or was so already.</param>
/// <param name="Words">What happened, or why nothing did and what would be possible; goes behind the run's name.</param>
public sealed record ActionResult(Guid Run, string Name, RunState State, bool Granted, string Words);

/// <summary>
/// The user's actions, written to <c>runs</c>. The row is locked, <see cref="RunActions"/> decides, one statement writes: whoever finishes, claims or
/// expires the run at the same moment comes before or after, never between.
/// </summary>
/// <param name="actor">Who acts; the account of this process when not given.</param>
public sealed class RunActionStore(NpgsqlDataSource database, Actor? actor = null)
{
    /// <summary>Fulfils a action at once where the run waits; tells the worker where it runs. The database's notification wakes the reconciler.</summary>
    /// <returns>Null when there is no such run.</returns>
    public async Task<ActionResult?> ApplyAsync(RunAction action, Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var run = await connection.QuerySingleOrDefaultAsync<Run>(new CommandDefinition(
            "select id, name, state, reason, waits_for, cancel_requested, pause_requested from runs where id = @id for no key update",
            new { id }, transaction, cancellationToken: cancellationToken));
        if (run is null)
            return null;
        if (RunActions.Fulfilled(run, action) is { } already)
            return new ActionResult(id, run.Name, run.State, true, already);
        if (RunActions.Grant(run, action) is not { } change)
            return new ActionResult(id, run.Name, run.State, false, RunActions.Refusal(run, action));
        if (change.FreshBudgets && await LostParentAsync(connection, run, cancellationToken) is { } lost)
            return new ActionResult(id, run.Name, run.State, false, $"waits for run {lost}. Retry that one, and this comes back with it.");
        if (change.FreshBudgets && await ArchivedAsync(connection, run, cancellationToken) is { } archived)
            return new ActionResult(
                id, run.Name, run.State, false, $"is archived with experiment {archived}. Bring that back first: changedetection unarchive {archived}.");

        await WriteAsync(connection, run, change, cancellationToken);
        await AuditStore.RecordAsync(connection, actor ?? Actor.OfAccount(), Word(action), id.ToString(), change.Words, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ActionResult(id, run.Name, change.State, true, change.Words);
    }

    private static string Word(RunAction action) => (action is RunAction.RetryFailed ? RunAction.Retry : action).ToString().ToLowerInvariant();

    /// <summary>A run that waits for one that failed or was cancelled would be cancelled again at once.</summary>
    private static Task<string?> LostParentAsync(NpgsqlConnection connection, Run run, CancellationToken cancellationToken) =>
        connection.QueryFirstOrDefaultAsync<string?>(new CommandDefinition(
            """
            select parent.id || ', which ' || case parent.state when 'failed' then 'failed' else 'was cancelled' end
            from run_dependencies d join runs parent on parent.id = d.parent_id
            where d.run_id = @Id and not d.satisfied and parent.state in ('failed', 'cancelled') order by parent.id
            """,
            new { run.Id }, cancellationToken: cancellationToken));

    /// <summary>What runs is to be seen in the listings.</summary>
    private static Task<Guid?> ArchivedAsync(NpgsqlConnection connection, Run run, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "select e.id from runs r join experiments e on e.id = r.experiment_id where r.id = @Id and e.archived_at is not null",
            new { run.Id }, cancellationToken: cancellationToken));

    private static Task WriteAsync(NpgsqlConnection connection, Run before, ActionEffect change, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            update runs set state = @state, cancel_requested = @CancelRequested, pause_requested = @PauseRequested,
                   deaths = case when @FreshBudgets then 0 else deaths end, errors = case when @FreshBudgets then 0 else errors end,
                   -- Queued again: a new queue job at once, and the reason that a run has when it is submitted.
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
