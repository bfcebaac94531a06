using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>
/// The table <c>run_dependencies</c>: which run waits for which. Settling is a sweep that may run anywhere, any number of times, at once:
/// each row flips to satisfied exactly once.
/// </summary>
public sealed class DependencyStore(NpgsqlDataSource database)
{
    /// <summary>
    /// Brings back runs that were cancelled for a parent which has been retried, releases those whose parents have succeeded, and cancels those of
    /// which one failed or was cancelled; theirs in turn. In this order: a parent may fail, be retried and succeed between two sweeps.
    /// </summary>
    /// <returns>How many runs changed.</returns>
    public async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var back = await RepeatAsync(connection, BringBack, cancellationToken);
        var released = await connection.ExecuteAsync(new CommandDefinition(Release, cancellationToken: cancellationToken));
        return back + released + await RepeatAsync(connection, Cancel, cancellationToken);
    }

    /// <summary>A run that the user cancelled stays so; one that was cancelled for its parent is told by the wish that nobody had.</summary>
    private const string BringBack =
        """
        with waiting as (
            select r.id, min(parent.id::text) as parent
            from runs r join run_dependencies d on d.run_id = r.id and not d.satisfied
            join runs parent on parent.id = d.parent_id
            where r.state = 'cancelled' and not r.cancel_requested
            group by r.id having bool_and(parent.state not in ('failed', 'cancelled'))),
        back as (
            update runs r set state = 'queued', reason = 'waits for ' || waiting.parent, pause_requested = false, hangfire_job = null, finished_at = null
            from waiting where r.id = waiting.id and r.state = 'cancelled' and not r.cancel_requested returning r.id, waiting.parent)
        insert into events (run_id, type, detail) select id, 'retried', 'with run ' || parent from back
        """;

    /// <summary>Of cancelled runs nothing is flipped: they come back first.</summary>
    private const string Release =
        """
        with satisfied as (
            update run_dependencies d set satisfied = true from runs parent, runs child
            where parent.id = d.parent_id and parent.state = 'succeeded' and child.id = d.run_id and child.state <> 'cancelled' and not d.satisfied
            returning d.run_id),
        counts as (select run_id, count(*)::int as parents from satisfied group by run_id)
        update runs r set waits_for = r.waits_for - counts.parents,
               reason = case when r.waits_for = counts.parents and r.state = 'queued' then null else r.reason end
        from counts where r.id = counts.run_id
        """;

    private const string Cancel =
        """
        with broken as (
            select r.id, min(parent.id::text || ' ' || parent.state) as reason
            from runs r join run_dependencies d on d.run_id = r.id and not d.satisfied
            join runs parent on parent.id = d.parent_id and parent.state in ('failed', 'cancelled')
            where r.state in ('queued', 'paused') group by r.id),
        cancelled as (
            update runs r set state = 'cancelled', reason = broken.reason, finished_at = clock_timestamp()
            from broken where r.id = broken.id and r.state in ('queued', 'paused') returning r.id, r.reason)
        insert into events (run_id, type, detail) select id, 'cancelled', reason from cancelled
        """;

    /// <summary>Until a round changes nothing: each round reaches one generation further.</summary>
    private static async Task<int> RepeatAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        int changed, total = 0;
        do
        {
            changed = await connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancellationToken));
            total += changed;
        }
        while (changed > 0);
        return total;
    }
}
