using Dapper;
using Npgsql;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>Says of each claimable run that nobody can take why it waits, and takes that back when somebody can.</summary>
public sealed class WaitingReasons(NpgsqlDataSource database)
{
    private const string Prefix = "waits for a worker";

    /// <summary>Of the slots that take nothing, those that a reason names.</summary>
    private const int MostNamed = 3;

    public async Task ExplainAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            with living as (
                select w.host, s.name, s.device, s.state, split_part(s.reason, chr(10), 1) as reason,
                       w.state = 'ready' and s.state = 'ready' as offered
                from worker_slots s join workers w on w.id = s.worker_id and w.state in ('ready', 'unfit', 'set-aside')),
            offered as (select distinct device from living where offered),
            hindered as (
                select device, string_agg(format('%s %s is %s (%s)', host, name, state, reason), '; ' order by host, name) as why
                from (select *, row_number() over (partition by device order by host, name) as number from living where not offered) numbered
                where number <= {MostNamed} group by device),
            explained as (
                select id, case when device = 'any' and not exists (select 1 from offered)
                                then '{Prefix}: ' || coalesce(
                                    (select 'none is fit: ' || string_agg(why, '; ' order by h.device) from hindered h), 'none is up')
                                when device <> 'any' and device not in (select device from offered)
                                then format('{Prefix} with a %s, and none is %s', device,
                                            coalesce((select 'fit: ' || why from hindered h where h.device = runs.device), 'up')) end as why
                from runs where state = 'queued' and waits_for = 0)
            update runs r set reason = e.why from explained e
            where r.id = e.id and r.state = 'queued' and r.reason is distinct from e.why
              and (r.reason is null or r.reason like '{Prefix}%')
            """, cancellationToken: cancellationToken));
    }
}
