using Dapper;
using Npgsql;

namespace ChangeDetection.Runs;

/// <summary>
/// The lease of a run: who may work on it, until when, under which fencing number. All times are the database's.
/// Checkpoints of the promise "at most one effective attempt":
/// 1. only <see cref="ClaimAsync"/> gives out a fencing number, and raises it each time;
/// 2. only <see cref="ExpireAsync"/> takes a run from a worker that is silent;
/// 3. every other write of an attempt goes through <see cref="FencedTransaction"/>.
/// </summary>
public sealed class LeaseStore(NpgsqlDataSource database, LeaseSettings settings)
{
    /// <summary>Takes a queued run. Null: it is not there to be taken (claimed by another, cancelled, finished), and nothing is to be done.</summary>
    public async Task<Claim?> ClaimAsync(Guid run, Guid worker, string host, string slot, Guid claim, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var attempt = await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            """
            update runs set state = 'running', reason = null, attempt = attempt + 1, claim_id = @claim, worker_id = @worker, slot = @slot,
                   lease_until = clock_timestamp() + @lease, started_at = coalesce(started_at, clock_timestamp())
            where id = @run and state = 'queued' and waits_for = 0 and not cancel_requested and not pause_requested
            returning attempt
            """,
            new { run, worker, slot, claim, lease = settings.Duration }, transaction, cancellationToken: cancellationToken));
        if (attempt is null)
            return await RepeatedClaimAsync(connection, run, claim, cancellationToken);

        await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into attempts (run_id, attempt, worker_id, host, slot) values (@run, @attempt, @worker, @host, @slot);
            insert into events (run_id, attempt, type, detail) values (@run, @attempt, 'claimed', @host || ' ' || @slot);
            update worker_slots set run_id = @run, attempt = @attempt, trainer_pid = null where worker_id = @worker and name = @slot;
            """,
            new { run, attempt, worker, host, slot }, transaction, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return new Claim(run, attempt.Value, claim);
    }

    /// <summary>A claimer that lost the answer to its COMMIT asks again with the same claim id, and gets the same number.</summary>
    private static async Task<Claim?> RepeatedClaimAsync(NpgsqlConnection connection, Guid run, Guid claim, CancellationToken cancellationToken)
    {
        var attempt = await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            "select attempt from runs where id = @run and claim_id = @claim and state = 'running'",
            new { run, claim }, cancellationToken: cancellationToken));
        return attempt is { } number ? new Claim(run, number, claim) : null;
    }

    /// <summary>Extends the lease and brings the user's wishes. A lease that ran out but that nobody took is renewed like any other.</summary>
    /// <exception cref="LeaseLostException">Another attempt, or none, holds the run now.</exception>
    public async Task<LeaseRenewal> RenewAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<LeaseRenewal>(new CommandDefinition(
            """
            update runs set lease_until = clock_timestamp() + @lease
            where id = @run and attempt = @attempt and state = 'running'
            returning cancel_requested, pause_requested
            """,
            new { run = claim.Run, attempt = claim.Attempt, lease = settings.Duration }, cancellationToken: cancellationToken))
            ?? throw new LeaseLostException(claim);
    }

    /// <summary>
    /// Takes runs back whose lease ran out: the only way out of a lost lease. After a restart of the server nothing expires for one lease,
    /// because nobody could renew while it was down.
    /// </summary>
    /// <returns>The runs that changed.</returns>
    public async Task<IReadOnlyList<Guid>> ExpireAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var expired = (await connection.QueryAsync<ExpiredRun>(new CommandDefinition(
            """
            with silent as (
                select id, worker_id from runs
                where state = 'running' and greatest(lease_until, pg_postmaster_start_time() + @lease) < clock_timestamp()
                for update skip locked)
            update runs r set deaths = r.deaths + 1, worker_id = null, slot = null, lease_until = null, hangfire_job = null, eta_seconds = null,
                   state = case when r.cancel_requested then 'cancelled' when r.deaths + 1 >= @maxDeaths then 'failed' when r.pause_requested then 'paused' else 'queued' end,
                   reason = case when r.cancel_requested then 'cancelled by the user'
                                 when r.deaths + 1 >= @maxDeaths then format('died %s times, the last time because its worker fell silent', r.deaths + 1)
                                 when r.pause_requested then 'paused by the user'
                                 else 'its worker fell silent' end,
                   finished_at = case when r.cancel_requested or r.deaths + 1 >= @maxDeaths then clock_timestamp() end
            from silent where r.id = silent.id
            returning r.id, r.attempt, r.state, silent.worker_id
            """,
            new { lease = settings.Duration, maxDeaths = settings.MaxDeaths }, transaction, cancellationToken: cancellationToken))).ToList();
        if (expired.Count == 0)
            return [];
        await connection.ExecuteAsync(new CommandDefinition(
            """
            update attempts set ended_at = clock_timestamp(), ending = 'expired', detail = 'lease ran out' where run_id = @Id and attempt = @Attempt;
            insert into events (run_id, attempt, type, detail) values (@Id, @Attempt, 'lease-expired', 'worker ' || @WorkerId || '; now ' || @State);
            update worker_slots set run_id = null, attempt = null, trainer_pid = null where run_id = @Id and attempt = @Attempt;
            """,
            expired, transaction, cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return expired.ConvertAll(run => run.Id);
    }

    private sealed record ExpiredRun
    {
        public Guid Id { get; init; }
        public int Attempt { get; init; }
        public string State { get; init; } = "";
        public Guid WorkerId { get; init; }
    }
}
