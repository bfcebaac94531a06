using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Database;
using Dapper;
using Hangfire;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Hangfire.States;
using Npgsql;

namespace ChangeDetection.Core.Queue;

/// <summary>A run that wants a queue job.</summary>
public sealed record RunToEnqueue
{
    public Guid Id { get; init; }
    public int Priority { get; init; }
    public DeviceClass Device { get; init; }
    /// <summary>Whether it is one of the runs that need no slot.</summary>
    public bool IsImport { get; init; }
}

/// <summary>
/// The transport: a Hangfire job per claimable run. Queue jobs are worth nothing by themselves. A lost one is issued again, a second one finds
/// nothing to claim, so each is written first and its number noted after.
/// </summary>
public sealed class RunQueue(NpgsqlDataSource database, PostgreSqlStorage storage)
{
    private readonly BackgroundJobClient _client = new(storage);

    /// <summary>Gives a queue job to each claimable run that has none, the most urgent first.</summary>
    /// <returns>How many.</returns>
    public async Task<int> EnqueueWaitingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var runs = (await connection.QueryAsync<RunToEnqueue>(new CommandDefinition(
            """
            select id, priority, device, kind = 'import' as is_import from runs
            where state = 'queued' and waits_for = 0 and hangfire_job is null and not cancel_requested and not pause_requested
            order by priority desc, id limit 1000
            """, cancellationToken: cancellationToken))).ToList();
        foreach (var run in runs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var job = _client.Create(Job.FromExpression<IRunJob>(queued => queued.ExecuteAsync(run.Id, CancellationToken.None)),
                new EnqueuedState(QueueNames.For(run.Priority, run.Device, run.IsImport)));
            await connection.ExecuteAsync(new CommandDefinition(
                "update runs set hangfire_job = @job where id = @id and state = 'queued'",
                new { id = run.Id, job = long.Parse(job, System.Globalization.CultureInfo.InvariantCulture) }, cancellationToken: cancellationToken));
        }
        return runs.Count;
    }

    /// <summary>
    /// Forgets queue jobs that nobody can draw any more: the row is gone, or was fetched by someone who went silent before the claim.
    /// A living fetcher refreshes its row every fifth of the invisibility timeout.
    /// </summary>
    /// <returns>How many runs want a new queue job.</returns>
    public async Task<int> ForgetLostQueueJobsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            $"""
            update runs r set hangfire_job = null
            where state = 'queued' and waits_for = 0 and hangfire_job is not null
              and not exists (select 1 from {HangfireSchema.Name}.jobqueue q
                              where q.jobid = r.hangfire_job and (q.fetchedat is null or q.fetchedat > clock_timestamp() - @silence))
            """,
            new { silence = HangfireSetup.InvisibilityTimeout / 2 }, cancellationToken: cancellationToken));
    }
}
