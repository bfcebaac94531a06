using ChangeDetection.Core.Queue;
using Dapper;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>Fills a queue with runs and their queue jobs: one is submitted and enqueued as ever, the others are copies of its rows.</summary>
internal static class LongQueue
{
    public static async Task FillAsync(string connectionString, NpgsqlDataSource database, int runs)
    {
        var original = await BenchRuns.SubmitAsync(database);
        await new RunQueue(database, HangfireSetup.CreateStorage(connectionString)).EnqueueWaitingAsync(CancellationToken.None);
        await using var connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(
            """
            create temporary table copies (id uuid, job bigint);
            insert into copies select copy.id, nextval(pg_get_serial_sequence('hangfire.job', 'id')) from unnest(@ids) copy (id);
            insert into runs (id, experiment_id, name, kind, priority, device, config, digest, hangfire_job)
                select c.id, r.experiment_id, r.name, r.kind, r.priority, r.device, r.config, r.digest, c.job from runs r, copies c where r.id = @original;
            insert into hangfire.job (id, statename, invocationdata, arguments, createdat, expireat)
                select c.job, j.statename,
                       replace(j.invocationdata::text, @original::text, c.id::text)::jsonb,
                       replace(j.arguments::text, @original::text, c.id::text)::jsonb, j.createdat, j.expireat
                from hangfire.job j, copies c, runs r where r.id = @original and j.id = r.hangfire_job;
            insert into hangfire.state (jobid, name, reason, createdat, data)
                select c.job, s.name, s.reason, s.createdat, s.data from hangfire.state s, copies c, runs r where r.id = @original and s.jobid = r.hangfire_job;
            update hangfire.job j set stateid = s.id from hangfire.state s where s.jobid = j.id and j.stateid is null;
            insert into hangfire.jobparameter (jobid, name, value)
                select c.job, p.name, p.value from hangfire.jobparameter p, copies c, runs r where r.id = @original and p.jobid = r.hangfire_job;
            insert into hangfire.jobqueue (jobid, queue)
                select c.job, q.queue from hangfire.jobqueue q, copies c, runs r where r.id = @original and q.jobid = r.hangfire_job order by c.job;
            """,
            new { ids = Enumerable.Range(1, runs - 1).Select(_ => Guid.CreateVersion7()).ToArray(), original }, commandTimeout: 600);
        // As autovacuum does behind a queue that grew by and by.
        await connection.ExecuteAsync("vacuum analyze", commandTimeout: 600);
    }
}
