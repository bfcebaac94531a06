using Dapper;
using Npgsql;

namespace ChangeDetection.Runs;

/// <summary>
/// The table <c>run_dependencies</c>: which run waits for which. Settling is a sweep that may run anywhere, any number of times, at once:
/// each row flips to satisfied exactly once.
/// </summary>
public sealed class DependencyStore(NpgsqlDataSource database)
{
    /// <summary>Releases runs whose parents have succeeded, and cancels those of which one failed or was cancelled (and theirs in turn).</summary>
    /// <returns>How many runs changed.</returns>
    public async Task<int> SettleAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var released = await connection.ExecuteAsync(new CommandDefinition(
            """
            with satisfied as (
                update run_dependencies d set satisfied = true from runs parent
                where parent.id = d.parent_id and parent.state = 'succeeded' and not d.satisfied
                returning d.run_id),
            counts as (select run_id, count(*)::int as parents from satisfied group by run_id)
            update runs r set waits_for = r.waits_for - counts.parents,
                   reason = case when r.waits_for = counts.parents then null else r.reason end
            from counts where r.id = counts.run_id
            """, cancellationToken: cancellationToken));
        int changed, total = released;
        do
        {
            changed = await connection.ExecuteAsync(new CommandDefinition(
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
                """, cancellationToken: cancellationToken));
            total += changed;
        }
        while (changed > 0);
        return total;
    }
}
