using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The table <c>attempts</c>, and the ways in which an attempt ends and moves its run on.</summary>
public sealed class AttemptStore(NpgsqlDataSource database)
{
    public async Task<IReadOnlyList<Attempt>> ListAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Attempt>(new CommandDefinition(
            """
            select run_id, attempt as number, worker_id, host, slot, trainer_pid, numerics::text, loader::text, started_at, ended_at, ending, detail
            from attempts where run_id = @run order by attempt
            """,
            new { run }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>Records the trainer process of an attempt.</summary>
    public static Task SetTrainerAsync(FencedTransaction fence, int pid, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            """
            update attempts set trainer_pid = @pid where run_id = @run and attempt = @attempt;
            update worker_slots set trainer_pid = @pid where run_id = @run and attempt = @attempt;
            """,
            new { pid }, cancellationToken);

    /// <summary>Records what decides the bits of an attempt's results.</summary>
    public static Task SetNumericsAsync(FencedTransaction fence, string numericsJson, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            "update attempts set numerics = @numericsJson::jsonb where run_id = @run and attempt = @attempt", new { numericsJson }, cancellationToken);

    /// <summary>
    /// Ends an attempt and gives the run its next state, all in one fenced transaction. Ending the same attempt in the same way twice
    /// (the answer to the first COMMIT was lost) is no error.
    /// </summary>
    /// <param name="lease">Says how many deaths end the run.</param>
    /// <exception cref="LeaseLostException">Another attempt, or none, holds the run, and this attempt did not end so before.</exception>
    public async Task<RunState> EndAsync(
        Claim claim, AttemptEnding ending, string? detail, bool retryable, LeaseSettings lease, CancellationToken cancellationToken)
    {
        try
        {
            await using var fence = await FencedTransaction.BeginAsync(database, claim, cancellationToken);
            var state = await MoveRunAsync(fence, ending, detail, retryable, lease.MaxDeaths, cancellationToken);
            await fence.CommitAsync(cancellationToken);
            return state;
        }
        catch (LeaseLostException) when (cancellationToken.IsCancellationRequested is false)
        {
            return await EndedBeforeAsync(claim, ending, cancellationToken) ?? throw new LeaseLostException(claim);
        }
    }

    /// <summary>
    /// Moves a run out of <c>running</c>; the fence holds its row. Each kind of end has its own budget. Where the ending's name does not say what became
    /// of the run, a second event does: the ledger tells of every end. One round trip: every run that ends takes it.
    /// </summary>
    private async Task<RunState> MoveRunAsync(
        FencedTransaction fence, AttemptEnding ending, string? detail, bool retryable, int maxDeaths, CancellationToken cancellationToken)
    {
        var next = await fence.Connection.QuerySingleAsync<string>(new CommandDefinition(
            """
            with refused as (
                select 1 + count(*) as times,
                       exists (select 1 from workers w join runs r on r.id = @run
                               where w.state = 'ready' and w.id <> r.worker_id and not exists (
                                   select 1 from attempts a where a.run_id = @run and a.worker_id = w.id and a.ending = 'refused')) as others
                from events where run_id = @run and type = 'refused'
                  and id > coalesce((select max(id) from events where run_id = @run and type = 'retried'), 0)),
            ended as (
                select id,
                       deaths + (@ending = 'died')::int as deaths,
                       errors + (@ending = 'failed')::int as errors,
                       preemptions + (@ending = 'preempted')::int as preemptions,
                       case when @ending = 'succeeded' then 'succeeded'
                            when cancel_requested or @ending = 'cancelled' then 'cancelled'
                            when @ending = 'failed' and (not @retryable or errors + 1 > coalesce((config #>> '{retries,errors}')::int, 0)) then 'failed'
                            when @ending = 'died' and (not @retryable or deaths + 1 >= @maxDeaths) then 'failed'
                            when @ending = 'refused' and times >= @maxRefusals * case when others then 10 else 1 end then 'failed'
                            when pause_requested then 'paused'
                            else 'queued' end as state, times
                from runs, refused where id = @run)
            update runs r set state = ended.state, deaths = ended.deaths, errors = ended.errors, preemptions = ended.preemptions,
                   worker_id = null, slot = null, lease_until = null, hangfire_job = null, eta_seconds = null, samples_per_second = null,
                   reason = case when ended.state = 'succeeded' then null
                                 when ended.state in ('cancelled', 'paused') then ended.state || ' by the user'
                                 when ended.state = 'failed' and @ending = 'died' and ended.deaths >= @maxDeaths
                                      then format('died %s times; the last time: %s', ended.deaths, @detail)
                                 when ended.state = 'failed' and @ending = 'refused' then format('refused %s times; the last time: %s', ended.times, @detail)
                                 when @ending = 'unfit' then format('waits for a worker: %s', split_part(@detail, chr(10), 1))
                                 else @detail end,
                   progress = case when ended.state = 'succeeded' then 1 else r.progress end,
                   finished_at = case when ended.state in ('succeeded', 'failed', 'cancelled') then clock_timestamp() end
            from ended where r.id = ended.id
            returning r.state;
            update attempts set ended_at = clock_timestamp(), ending = @ending, detail = @detail where run_id = @run and attempt = @attempt;
            insert into events (run_id, attempt, type, detail) values (@run, @attempt, @ending, @detail);
            insert into events (run_id, attempt, type, detail) select id, @attempt, state, split_part(reason, chr(10), 1) from runs
                where id = @run and state in ('failed', 'paused', 'cancelled') and state <> @ending;
            update worker_slots set run_id = null, attempt = null, trainer_pid = null where run_id = @run and attempt = @attempt;
            """,
            new
            {
                run = fence.Claim.Run,
                attempt = fence.Claim.Attempt,
                ending = ending.ToString().ToLowerInvariant(),
                detail,
                retryable,
                maxDeaths,
                maxRefusals = LeaseSettings.MaxRefusals,
            },
            cancellationToken: cancellationToken));
        return RunTransitions.Parse(next)!.Value;
    }

    private async Task<RunState?> EndedBeforeAsync(Claim claim, AttemptEnding ending, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var state = await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            """
            select r.state from attempts a join runs r on r.id = a.run_id
            where a.run_id = @run and a.attempt = @attempt and a.ending = @ending
            """,
            new { run = claim.Run, attempt = claim.Attempt, ending = ending.ToString().ToLowerInvariant() }, cancellationToken: cancellationToken));
        return state is null ? null : Enum.Parse<RunState>(state, ignoreCase: true);
    }
}
