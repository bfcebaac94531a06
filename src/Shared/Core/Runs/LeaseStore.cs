using ChangeDetection.Core.Database;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>
/// The lease of a run: who may work on it, until when, under which fencing number. All times are the database's.
/// Checkpoints of the promise "at most one effective attempt":
/// 1. only <see cref="ClaimAsync"/> gives out a fencing number, and raises it each time;
/// 2. only <see cref="ExpireAsync"/> takes a run from a worker that is silent;
/// 3. every other write of an attempt goes through <see cref="FencedTransaction"/>.
/// </summary>
public sealed class LeaseStore(NpgsqlDataSource database, LeaseSettings settings)
{
    /// <summary>
    /// Whether the server has no connection left for ordinary accounts: who has one goes on, and who was cut off cannot come back to renew. Counted by what
    /// every account may see.
    /// </summary>
    private const string ConnectionsUsedUp =
        """
        (select coalesce(sum(numbackends), 0) from pg_stat_database)
            >= current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
               - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::int
        """;

    private volatile bool _wasRefused;

    /// <summary>
    /// Takes a queued run. Null: it is not there to be taken (claimed by another, cancelled, finished, refused by this worker a moment ago), and nothing is
    /// to be done. One statement: a claimer that freezes holds no lock on the run.
    /// </summary>
    public async Task<Claim?> ClaimAsync(Guid run, Guid worker, string host, string slot, Guid claim, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var attempt = await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            """
            with won as (
                update runs set state = 'running', reason = null, attempt = attempt + 1, claim_id = @claim, worker_id = @worker, slot = @slot,
                       lease_until = clock_timestamp() + @lease, started_at = coalesce(started_at, clock_timestamp())
                where id = @run and state = 'queued' and waits_for = 0 and not cancel_requested and not pause_requested
                  and not exists (select 1 from attempts a where a.run_id = @run and a.worker_id = @worker and a.ending = 'refused'
                                  and a.ended_at > clock_timestamp() - @pause)
                returning attempt),
            begun as (
                insert into attempts (run_id, attempt, worker_id, host, slot) select @run, attempt, @worker, @host, @slot from won),
            noted as (
                insert into events (run_id, attempt, type, detail) select @run, attempt, 'claimed', @host || ' ' || @slot from won),
            shown as (
                update worker_slots s set run_id = @run, attempt = won.attempt, trainer_pid = null from won where s.worker_id = @worker and s.name = @slot)
            select attempt from won
            """,
            new { run, worker, host, slot, claim, lease = settings.Duration, pause = LeaseSettings.RefusalPause }, cancellationToken: cancellationToken));
        return attempt is { } number ? new Claim(run, number, claim) : await RepeatedClaimAsync(connection, run, claim, cancellationToken);
    }

    /// <summary>A claimer that lost the answer to its COMMIT asks again with the same claim id, and gets the same number.</summary>
    private static async Task<Claim?> RepeatedClaimAsync(NpgsqlConnection connection, Guid run, Guid claim, CancellationToken cancellationToken)
    {
        var attempt = await connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(
            "select attempt from runs where id = @run and claim_id = @claim and state = 'running'",
            new { run, claim }, cancellationToken: cancellationToken));
        return attempt is { } number ? new Claim(run, number, claim) : null;
    }

    /// <summary>
    /// Extends the lease and brings the user's wishes. A lease that ran out but that nobody took is renewed like any other. The answer is waited for
    /// no longer than until the next renewal is due.
    /// </summary>
    /// <exception cref="LeaseLostException">Another attempt, or none, holds the run now.</exception>
    public async Task<LeaseRenewal> RenewAsync(Claim claim, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            return await connection.QuerySingleOrDefaultAsync<LeaseRenewal>(new CommandDefinition(
                """
                update runs set lease_until = clock_timestamp() + @lease
                where id = @run and attempt = @attempt and state = 'running'
                returning cancel_requested, pause_requested
                """,
                new { run = claim.Run, attempt = claim.Attempt, lease = settings.Duration },
                commandTimeout: Math.Max(1, (int)Math.Ceiling(settings.RenewEvery.TotalSeconds)), cancellationToken: cancellationToken))
                ?? throw new LeaseLostException(claim);
        }
        catch (NpgsqlException silence) when (silence.InnerException is TimeoutException)
        {
            // Where a network swallowed one connection it swallowed its neighbours in the pool too: the next renewal is to open a new one.
            database.Clear();
            throw;
        }
    }

    /// <summary>
    /// Takes runs back whose lease ran out: the only way out of a lost lease. A lease only runs out while somebody looks. After a restart of the
    /// server, and after any time in which nobody looked (the server was frozen, or out of reach of everybody), nothing expires for one lease,
    /// because nobody could renew either. Nor while the server refuses: it took a look of ours for lack of space or because it takes no writes, or has no
    /// connection left for a worker that was cut off. One statement, which judges by one moment: a server that freezes within it, and a process that freezes
    /// after it, do no harm.
    /// </summary>
    /// <returns>The runs that changed.</returns>
    public async Task<IReadOnlyList<Guid>> ExpireAsync(CancellationToken cancellationToken)
    {
        try
        {
            var expired = await LookAsync(cancellationToken);
            _wasRefused = false;
            return expired;
        }
        catch (PostgresException refusal) when (ServerRefusal.IsEverybodys(refusal))
        {
            _wasRefused = true;
            throw;
        }
    }

    private async Task<IReadOnlyList<Guid>> LookAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            $"""
            with look as (
                insert into lease_watch as watch (seen_at, unbroken_since)
                select moment, moment from (select clock_timestamp() as moment offset 0) now
                on conflict (only_row) do update set
                    unbroken_since = case when watch.seen_at + @gap < excluded.seen_at or @wasRefused or {ConnectionsUsedUp}
                                          then excluded.seen_at else watch.unbroken_since end,
                    seen_at = greatest(watch.seen_at, excluded.seen_at)
                returning seen_at, unbroken_since),
            silent as (
                select r.id, r.worker_id from runs r, look
                where r.state = 'running' and r.lease_until < look.seen_at
                  and greatest(pg_postmaster_start_time(), look.unbroken_since) + @lease <= look.seen_at
                for update of r skip locked),
            expired as (
                update runs r set deaths = r.deaths + 1, worker_id = null, slot = null, lease_until = null, hangfire_job = null, eta_seconds = null,
                       state = case when r.cancel_requested then 'cancelled'
                                    when r.deaths + 1 >= @maxDeaths then 'failed'
                                    when r.pause_requested then 'paused'
                                    else 'queued' end,
                       reason = case when r.cancel_requested then 'cancelled by the user'
                                     when r.deaths + 1 >= @maxDeaths then format('died %s times, the last time because its worker fell silent', r.deaths + 1)
                                     when r.pause_requested then 'paused by the user'
                                     else 'its worker fell silent' end,
                       finished_at = case when r.cancel_requested or r.deaths + 1 >= @maxDeaths then clock_timestamp() end
                from silent where r.id = silent.id
                returning r.id, r.attempt, r.state, silent.worker_id),
            ended as (
                update attempts a set ended_at = clock_timestamp(), ending = 'expired', detail = 'lease ran out'
                from expired where a.run_id = expired.id and a.attempt = expired.attempt),
            noted as (
                insert into events (run_id, attempt, type, detail)
                select id, attempt, 'lease-expired', format('worker %s; now %s', worker_id, state) from expired),
            freed as (
                update worker_slots s set run_id = null, attempt = null, trainer_pid = null
                from expired where s.run_id = expired.id and s.attempt = expired.attempt)
            select id from expired
            """,
            new { lease = settings.Duration, gap = settings.LongestGap, maxDeaths = settings.MaxDeaths, wasRefused = _wasRefused },
            cancellationToken: cancellationToken))).ToList();
    }
}
