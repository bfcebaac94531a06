using ChangeDetection.Core.People;
using ChangeDetection.Core.Runs;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Workers;

/// <summary>
/// The tables <c>workers</c> and <c>worker_slots</c>: who is there, on which devices. Leases, not these rows, decide who may write.
/// </summary>
public sealed class WorkerStore(NpgsqlDataSource database)
{
    /// <summary>Workers with their slots, the living first, newest first.</summary>
    /// <param name="all">Also those that stopped or were lost.</param>
    public async Task<IReadOnlyList<WorkerRecord>> ListAsync(bool all, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var workers = (await connection.QueryAsync<WorkerRecord>(new CommandDefinition(
            $"""
            select id, host, pid, version, replace(state, '-', '') as state, reason, drain_requested, started_at, seen_at,
                   extract(epoch from clock_timestamp() - seen_at)::double precision as lease_age_seconds
            from workers where @all or state in {WorkerStates.Living}
            order by state in {WorkerStates.Living} desc, started_at desc limit 1000
            """,
            new { all }, cancellationToken: cancellationToken))).ToList();
        var slots = (await connection.QueryAsync<SlotRecord>(new CommandDefinition(
            """
            select worker_id, name, device, device_name, replace(state, '-', '') as state, reason, trainer_pid, run_id, attempt
            from worker_slots where worker_id = any(@ids) order by name
            """,
            new { ids = workers.Select(worker => worker.Id).ToArray() }, cancellationToken: cancellationToken))).ToLookup(slot => slot.WorkerId);
        return workers.ConvertAll(worker => worker with { Slots = slots[worker.Id].ToList() });
    }

    /// <summary>Announces a worker that is ready to claim, or that says of some of its slots why they are not.</summary>
    public async Task RegisterAsync(WorkerRecord worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into workers (id, host, pid, version, state) values (@Id, @Host, @Pid, @Version, 'ready')",
            worker, transaction, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into worker_slots (worker_id, name, device, device_name, state, reason)
            values (@WorkerId, @Name, @Device, @DeviceName, @state, @Reason)
            """,
            worker.Slots.Select(slot => new { slot.WorkerId, slot.Name, slot.Device, slot.DeviceName, state = slot.State.Word(), slot.Reason }),
            transaction, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            $"update workers set state = {WorkerStates.OfSlots}, reason = @Reason where id = @Id",
            worker, transaction, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Says that the worker lives; a worker taken for lost is again what its slots are.</summary>
    /// <returns>What is asked of it; a lost answer to the request to look again is a lost request, which its own back-off makes good.</returns>
    public async Task<WorkerOrders> HeartbeatAsync(Guid worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<WorkerOrders>(new CommandDefinition(
            $"""
            update workers set seen_at = clock_timestamp(), recheck_requested = false,
                   state = case when state = 'lost' then {WorkerStates.OfSlots} else state end
            from (select id, recheck_requested from workers where id = @worker for no key update) before
            where workers.id = before.id returning workers.drain_requested as drain, before.recheck_requested as recheck
            """,
            new { worker }, cancellationToken: cancellationToken)) ?? new WorkerOrders();
    }

    /// <summary>
    /// Records which slots may take runs. The worker is as ready as the readiest of them; one that drains, or has left, stays what it is.
    /// </summary>
    /// <param name="reason">Of the worker; null: nothing is to be said.</param>
    public async Task SetFitnessAsync(Guid worker, IReadOnlyCollection<SlotCondition> slots, string? reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "update worker_slots set state = @state, reason = @Reason where worker_id = @worker and name = @Slot",
            slots.Select(slot => new { worker, slot.Slot, state = slot.State.Word(), slot.Reason }), transaction,
            cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            update workers set reason = @reason, state = case when state in ('ready', 'unfit', 'set-aside') then {WorkerStates.OfSlots} else state end
            where id = @worker
            """,
            new { worker, reason }, transaction, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Has a worker look at once at what is unfit or set aside of it: what then passes its check is ready again.</summary>
    /// <returns>False when there is no living worker of that id with such a slot.</returns>
    public async Task<bool> RequestRecheckAsync(Guid worker, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            update workers set recheck_requested = true where id = @worker and state in ('ready', 'unfit', 'set-aside')
                   and exists (select 1 from worker_slots where worker_id = @worker and state <> 'ready')
            """,
            new { worker }, cancellationToken: cancellationToken)) > 0;
    }

    public async Task SetStateAsync(Guid worker, WorkerState state, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update workers set state = @state, reason = null where id = @worker;
            update worker_slots set run_id = null, attempt = null, trainer_pid = null where worker_id = @worker and @state = 'stopped';
            """,
            new { worker, state = state.Word() }, cancellationToken: cancellationToken));
    }

    /// <summary>Asks a worker to hand its runs back and leave.</summary>
    /// <returns>False when there is no such living worker.</returns>
    public async Task<bool> RequestDrainAsync(Guid worker, Actor actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            $"update workers set drain_requested = true, state = 'draining' where id = @worker and state in {WorkerStates.Living} returning host",
            new { worker }, transaction, cancellationToken: cancellationToken)) is not { } host)
            return false;
        await AuditStore.RecordAsync(connection, actor, "worker drain", worker.ToString(), $"on {host}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Marks workers lost that have been silent for a lease, in which somebody could have heard them.</summary>
    public async Task MarkLostAsync(LeaseSettings lease, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            with lost as (
                update workers set state = 'lost' from lease_watch watch
                where state in {WorkerStates.Living}
                  and greatest(workers.seen_at, pg_postmaster_start_time(), watch.unbroken_since) + @silence < clock_timestamp()
                  and watch.seen_at + @gap >= clock_timestamp()
                returning id)
            update worker_slots set run_id = null, attempt = null, trainer_pid = null from lost where worker_id = lost.id
            """,
            new { silence = lease.Duration, gap = lease.LongestGap }, cancellationToken: cancellationToken));
    }

    /// <summary>Which device classes (<c>cpu</c>, <c>gpu</c>) workers offer that take runs.</summary>
    public async Task<IReadOnlySet<string>> DevicesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            "select distinct s.device from worker_slots s join workers w on w.id = s.worker_id and w.state = 'ready' where s.state = 'ready'",
            cancellationToken: cancellationToken))).ToHashSet();
    }
}
