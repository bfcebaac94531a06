using ChangeDetection.Configuration;
using ChangeDetection.Runs;
using Dapper;
using Npgsql;

namespace ChangeDetection.Checkpoints;

/// <summary>The table <c>checkpoints</c>. A row is written after its objects are durable, so what is listed can be read.</summary>
public sealed class CheckpointStore(NpgsqlDataSource database)
{
    /// <summary>Checkpoints of a run, newest first. A step that two attempts published stands twice.</summary>
    public async Task<IReadOnlyList<CheckpointRecord>> ListAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<CheckpointRecord>(new CommandDefinition(
            """
            select run_id, step, attempt, epoch, prefix, weights_sha256, manifest_sha256, bytes, metrics::text, published_at,
                   best and step = max(step) filter (where best) over () and attempt = max(attempt) over (partition by step) as best,
                   row_number() over (order by step desc, attempt desc) = 1 as last
            from checkpoints where run_id = @run order by step desc, attempt desc
            """,
            new { run }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>The best or the last checkpoint of a run; the last where none was ranked (training without validation). Null when there is none.</summary>
    public async Task<CheckpointRecord?> FindAsync(Guid run, CheckpointChoice choice, CancellationToken cancellationToken)
    {
        var all = await ListAsync(run, cancellationToken);
        return (choice is CheckpointChoice.Best ? all.FirstOrDefault(checkpoint => checkpoint.Best) : null) ?? (all.Count > 0 ? all[0] : null);
    }

    /// <summary>Publishes a checkpoint of an attempt. Another attempt's at the same step with other weights is noted as an event.</summary>
    public static async Task AddAsync(FencedTransaction fence, CheckpointRecord checkpoint, CancellationToken cancellationToken)
    {
        await fence.ExecuteAsync(
            """
            insert into checkpoints (run_id, attempt, step, epoch, prefix, weights_sha256, manifest_sha256, bytes, best, metrics)
            values (@run, @attempt, @Step, @Epoch, @Prefix, @WeightsSha256, @ManifestSha256, @Bytes, @Best, @Metrics::jsonb)
            on conflict (run_id, step, attempt) do nothing
            """,
            new
            {
                checkpoint.Step,
                checkpoint.Epoch,
                checkpoint.Prefix,
                checkpoint.WeightsSha256,
                checkpoint.ManifestSha256,
                checkpoint.Bytes,
                checkpoint.Best,
                checkpoint.Metrics,
            },
            cancellationToken);
        await fence.ExecuteAsync(
            """
            insert into events (run_id, attempt, type, detail)
            select @run, @attempt, 'weights-differ', format('step %s: attempt %s had %s, this one has %s', @Step, other.attempt, other.weights_sha256, @WeightsSha256)
            from checkpoints other
            where other.run_id = @run and other.step = @Step and other.attempt < @attempt and other.weights_sha256 <> @WeightsSha256
            order by other.attempt desc limit 1
            """,
            new { checkpoint.Step, checkpoint.WeightsSha256 }, cancellationToken);
    }

    /// <summary>
    /// Removes the rows that the run's retention no longer keeps, and returns the prefixes whose objects may now go. A checkpoint survives
    /// while it is among the newest <paramref name="keepLast"/>, or among the newest <paramref name="keepBest"/> that were best when published.
    /// </summary>
    public static async Task<IReadOnlyList<string>> RetireAsync(FencedTransaction fence, int keepBest, int keepLast, CancellationToken cancellationToken) =>
        (await fence.Connection.QueryAsync<string>(new CommandDefinition(
            """
            with ranked as (
                select step, attempt,
                       row_number() over (order by step desc, attempt desc) as newest,
                       case when best then row_number() over (partition by best order by step desc, attempt desc) end as better
                from checkpoints where run_id = @run)
            delete from checkpoints c using ranked
            where c.run_id = @run and c.step = ranked.step and c.attempt = ranked.attempt
              and ranked.newest > @keepLast and coalesce(ranked.better > @keepBest, true)
            returning c.prefix
            """,
            new { run = fence.Claim.Run, keepBest, keepLast }, cancellationToken: cancellationToken))).ToList();
}
