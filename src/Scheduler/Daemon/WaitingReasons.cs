using Dapper;
using Npgsql;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>Says of each claimable run that nobody can take why it waits, and takes that back when somebody can.</summary>
public sealed class WaitingReasons(NpgsqlDataSource database)
{
    private const string Prefix = "waits for a worker";

    public async Task ExplainAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            with offered as (
                select distinct s.device from worker_slots s join workers w on w.id = s.worker_id and w.state = 'ready'),
            explained as (
                select id, case when device = 'any' and not exists (select 1 from offered) then '{Prefix}: none is up'
                                when device <> 'any' and device not in (select device from offered)
                                then format('{Prefix} with a %s, and none is up', device) end as why
                from runs where state = 'queued' and waits_for = 0)
            update runs r set reason = e.why from explained e
            where r.id = e.id and r.state = 'queued' and r.reason is distinct from e.why
              and (r.reason is null or r.reason like '{Prefix}%')
            """, cancellationToken: cancellationToken));
    }
}
