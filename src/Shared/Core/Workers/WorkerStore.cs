using ChangeDetection.Core.Runs;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Workers;

/// <summary>The tables <c>workers</c> and <c>worker_slots</c>: who is there, on which devices. Leases, not these rows, decide who may write.</summary>
public sealed class WorkerStore(NpgsqlDataSource database)
{
    /// <summary>Workers with their slots, the living first, newest first.</summary>
    /// <param name="all">Also those that stopped or were lost.</param>
    public async Task<IReadOnlyList<WorkerRecord>> ListAsync(bool all, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var workers = (await connection.QueryAsync<WorkerRecord>(new CommandDefinition(
            """
            select id, host, pid, version, state, drain_requested, started_at, seen_at,
                   extract(epoch from clock_timestamp() - seen_at)::double precision as lease_age_seconds
            from workers where @all or state in ('ready', 'draining')
            order by state in ('ready', 'draining') desc, started_at desc limit 1000
            """,
            new { all }, cancellationToken: cancellationToken))).ToList();
        var slots = (await connection.QueryAsync<SlotRecord>(new CommandDefinition(
            "select worker_id, name, device, device_name, trainer_pid, run_id, attempt from worker_slots where worker_id = any(@ids) order by name",
            new { ids = workers.Select(worker => worker.Id).ToArray() }, cancellationToken: cancellationToken))).ToLookup(slot => slot.WorkerId);
        return workers.ConvertAll(worker => worker with { Slots = slots[worker.Id].ToList() });
    }

    /// <summary>Announces a worker that is ready to claim.</summary>
    public async Task RegisterAsync(WorkerRecord worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into workers (id, host, pid, version, state) values (@Id, @Host, @Pid, @Version, 'ready')",
            worker, transaction, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into worker_slots (worker_id, name, device, device_name) values (@WorkerId, @Name, @Device, @DeviceName)",
            worker.Slots, transaction, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Says that the worker lives; a worker taken for lost is ready again.</summary>
    /// <returns>Whether it was asked to drain.</returns>
    public async Task<bool> HeartbeatAsync(Guid worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<bool>(new CommandDefinition(
            """
            update workers set seen_at = clock_timestamp(), state = case when state = 'lost' then 'ready' else state end
            where id = @worker returning drain_requested
            """,
            new { worker }, cancellationToken: cancellationToken));
    }

    public async Task SetStateAsync(Guid worker, WorkerState state, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update workers set state = @state where id = @worker;
            update worker_slots set run_id = null, attempt = null, trainer_pid = null where worker_id = @worker and @state = 'stopped';
            """,
            new { worker, state = state.ToString().ToLowerInvariant() }, cancellationToken: cancellationToken));
    }

    /// <summary>Asks a worker to hand its runs back and leave.</summary>
    /// <returns>False when there is no such living worker.</returns>
    public async Task<bool> RequestDrainAsync(Guid worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            "update workers set drain_requested = true, state = 'draining' where id = @worker and state in ('ready', 'draining')",
            new { worker }, cancellationToken: cancellationToken)) > 0;
    }

    /// <summary>Marks workers lost that have been silent for a lease, in which somebody could have heard them.</summary>
    public async Task MarkLostAsync(LeaseSettings lease, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            with lost as (
                update workers set state = 'lost' from lease_watch watch
                where state in ('ready', 'draining')
                  and greatest(workers.seen_at, pg_postmaster_start_time(), watch.unbroken_since) + @silence < clock_timestamp()
                  and watch.seen_at + @gap >= clock_timestamp()
                returning id)
            update worker_slots set run_id = null, attempt = null, trainer_pid = null from lost where worker_id = lost.id
            """,
            new { silence = lease.Duration, gap = lease.LongestGap }, cancellationToken: cancellationToken));
    }

    /// <summary>Which device classes (<c>cpu</c>, <c>gpu</c>) living workers offer.</summary>
    public async Task<IReadOnlySet<string>> DevicesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            "select distinct s.device from worker_slots s join workers w on w.id = s.worker_id and w.state = 'ready'",
            cancellationToken: cancellationToken))).ToHashSet();
    }
}
