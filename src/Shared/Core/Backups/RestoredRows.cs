using System.Globalization;
using System.Text;

namespace ChangeDetection.Core.Backups;

/// <summary>
/// What has to change in the rows of a backup where they are restored: SQL, run in the transaction that brings them. Runs that were running go back to the
/// queue without being charged, and nothing refers any more to processes, queue jobs and objects that stayed behind.
/// </summary>
internal static class RestoredRows
{
    private const int RunsInAStatement = 500;
    private const string Guids = "[0-9a-f-]{36}";
    private const string Schema = Database.DataSources.Schema;

    /// <param name="system">The identity that they are to have.</param>
    /// <param name="store">The address of the store that their objects are in now.</param>
    /// <param name="attempts">Of runs that have objects of later attempts there than their rows know: the last of those.</param>
    public static string Changes(BackupHeader header, Guid system, Uri store, IReadOnlyDictionary<Guid, int> attempts) => new StringBuilder(
        $"""
        set local search_path to {Schema};

        -- Whose rows they are. The store bears no mark yet: the next start makes it.
        update system set id = '{system}', marked_at = null;

        -- Runs that were running, as a worker hands them back: they go on from their last checkpoint.
        insert into events (run_id, attempt, type, detail)
            select id, nullif(attempt, 0), 'restored', {Text($"from the backup of {header.MadeAt:yyyy-MM-dd HH:mm:ss} UTC; it was ")} || state from runs
            where state in ('queued', 'running', 'paused');
        update attempts a set ended_at = clock_timestamp(), ending = 'preempted', detail = 'the backup was made while it ran' from runs r
            where r.id = a.run_id and r.attempt = a.attempt and r.state = 'running' and a.ended_at is null;
        update runs set
            state = case when cancel_requested then 'cancelled' when pause_requested then 'paused' else 'queued' end,
            reason = case when cancel_requested then 'cancelled by the user' when pause_requested then 'paused by the user' else 'restored from a backup' end,
            finished_at = case when cancel_requested then clock_timestamp() end,
            worker_id = null, slot = null, lease_until = null, claim_id = null, eta_seconds = null, samples_per_second = null
            where state = 'running';
        update runs set hangfire_job = null where hangfire_job is not null;

        -- Processes of another machine, what was on its way, and what was to be collected there.
        update worker_slots set run_id = null, attempt = null, trainer_pid = null;
        update workers set state = 'stopped' where state <> 'stopped';
        delete from lease_watch;
        delete from uploads;
        delete from orphans;
        delete from checkpoints c where damaged_at is not null or (retired_at is not null and not exists (
            select 1 from runs r where r.state in ('queued', 'paused') and (strpos(r.config #>> array['model', 'init'], c.prefix || '/') > 0
                or (r.kind = 'predict' and r.config #>> array['checkpoint', 'prefix'] = c.prefix))));

        -- Configs name objects of the store by their whole address. A run that has a checkpoint of its own never reads them again.
        with addressed as (
            select r.id, path, r.config #>> path as address, substring(r.config #>> path from 'runs/{Guids}/.*$') as key
            from runs r, (values (array['model', 'init', 'from']), (array['model', 'init'])) as places (path)
            where r.state <> 'succeeded' and jsonb_typeof(r.config #> path) = 'string'
              and not exists (select 1 from checkpoints c where c.run_id = r.id and c.attempt > 0))
        update runs r set config = jsonb_set(r.config, a.path, to_jsonb({Text(store.AbsoluteUri.TrimEnd('/') + "/")} || a.key)) from addressed a
            where a.id = r.id and a.key is not null and a.address ~ '^[a-z0-9]+://'
              and exists (select 1 from runs named where named.id::text = substring(a.key from 6 for 36));

        """).Append(Raised(attempts)).ToString();

    /// <summary>Objects are never overwritten, and their keys carry the attempt: the next ones must not be called as those that are there.</summary>
    private static string Raised(IReadOnlyDictionary<Guid, int> attempts)
    {
        var sql = new StringBuilder();
        foreach (var chunk in attempts.Chunk(RunsInAStatement))
        {
            var values = string.Join(", ", chunk.Select(run => string.Create(CultureInfo.InvariantCulture, $"('{run.Key}'::uuid, {run.Value})")));
            sql.Append(CultureInfo.InvariantCulture, $"update runs r set attempt = there.attempt from (values {values}) as there (id, attempt)\n")
                .AppendLine("    where r.id = there.id and r.attempt < there.attempt;");
        }
        return sql.ToString();
    }

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
