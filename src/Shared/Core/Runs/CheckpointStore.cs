using ChangeDetection.Core.Configuration;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The table <c>checkpoints</c>. A row is written after its objects are durable, so what is listed can be read.</summary>
public sealed class CheckpointStore(NpgsqlDataSource database)
{
    /// <summary>
    /// Checkpoints of a run that are kept, newest first; those that a resume found damaged stand last. Newest is what was published last: after a
    /// fallback an attempt publishes steps again, and what it fell back from is the older one. A step that two attempts published stands twice.
    /// </summary>
    public async Task<IReadOnlyList<CheckpointRecord>> ListAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<CheckpointRecord>(new CommandDefinition(
            """
            with kept as (
                select c.*, damaged_at is not null as damaged,
                       row_number() over (partition by damaged_at is null order by attempt desc, step desc) as newest,
                       row_number() over (partition by damaged_at is null, best order by attempt desc, step desc) as better
                from checkpoints c where run_id = @run and retired_at is null)
            select run_id, step, attempt, epoch, prefix, weights_sha256, manifest_sha256, bytes, optimizer_bytes,
                   optimizer_released_at is null as resumable, metrics::text, published_at, damaged,
                   best and not damaged and better = 1 as best, not damaged and newest = 1 as last
            from kept order by damaged, newest
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
            insert into checkpoints (run_id, attempt, step, epoch, prefix, weights_sha256, manifest_sha256, bytes, optimizer_bytes, best, metrics)
            values (@run, @attempt, @Step, @Epoch, @Prefix, @WeightsSha256, @ManifestSha256, @Bytes, @OptimizerBytes, @Best, @Metrics::jsonb)
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
                checkpoint.OptimizerBytes,
                checkpoint.Best,
                checkpoint.Metrics,
            },
            cancellationToken);
        await fence.ExecuteAsync(
            """
            insert into events (run_id, attempt, type, detail)
            select @run, @attempt, 'weights-differ',
                   format('step %s: attempt %s had %s, this one has %s', @Step, other.attempt, other.weights_sha256, @WeightsSha256)
            from checkpoints other
            where other.run_id = @run and other.step = @Step and other.attempt < @attempt and other.weights_sha256 <> @WeightsSha256
            order by other.attempt desc limit 1
            """,
            new { checkpoint.Step, checkpoint.WeightsSha256 }, cancellationToken);
    }

    /// <summary>Publishes a checkpoint that a run brings along when it is submitted: nobody has claimed it yet, so there is no fence to hold.</summary>
    internal static Task AddBroughtAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid run, CheckpointRecord checkpoint, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            insert into checkpoints (run_id, attempt, step, epoch, prefix, weights_sha256, manifest_sha256, bytes, optimizer_bytes, best, metrics)
            values (@run, 0, @Step, @Epoch, @Prefix, @WeightsSha256, @ManifestSha256, @Bytes, 0, true, @Metrics::jsonb)
            """,
            new
            {
                run, checkpoint.Step, checkpoint.Epoch, checkpoint.Prefix, checkpoint.WeightsSha256,
                checkpoint.ManifestSha256, checkpoint.Bytes, checkpoint.Metrics,
            },
            transaction, cancellationToken: cancellationToken));

    /// <summary>Kept checkpoints with these weights, of whichever run, the newest first, and no more than <paramref name="most"/>.</summary>
    public async Task<IReadOnlyList<CheckpointRecord>> ListByWeightsAsync(string sha256, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<CheckpointRecord>(new CommandDefinition(
            """
            select run_id, step, attempt, epoch, prefix, weights_sha256, manifest_sha256, bytes, metrics::text, published_at,
                   false as damaged, best, false as last
            from checkpoints where weights_sha256 = @sha256 and retired_at is null and damaged_at is null order by published_at desc limit @most
            """,
            new { sha256, most }, cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Notes that a resume found a checkpoint damaged. It stays, and counts no longer as one that is kept.</summary>
    public static Task MarkDamagedAsync(FencedTransaction fence, string prefix, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            "update checkpoints set damaged_at = coalesce(damaged_at, clock_timestamp()) where run_id = @run and prefix = @prefix",
            new { prefix }, cancellationToken);

    /// <summary>
    /// Retires what the run's retention no longer keeps: a checkpoint stays while it is among the newest <paramref name="keepLast"/>, or among the
    /// newest <paramref name="keepBest"/> that were best when published. A run that is still to read this one's finds a best in any case.
    /// Damaged ones are not counted, and go once enough others are there. Objects go later, when nobody can be reading them
    /// (<see cref="RetiredCheckpoints"/>).
    /// </summary>
    public static Task RetireAsync(FencedTransaction fence, int keepBest, int keepLast, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            """
            with ranked as (
                select step, attempt,
                       row_number() over (order by attempt desc, step desc) as newest,
                       case when best then row_number() over (partition by best order by attempt desc, step desc) end as better
                from checkpoints where run_id = @run and retired_at is null and damaged_at is null),
            readers as (
                select count(*) as number from runs where source_run = @run and state in ('queued', 'running', 'paused')),
            kept as (
                select step, attempt from ranked, readers
                where newest <= @keepLast or better <= greatest(@keepBest, least(readers.number, 1)))
            update checkpoints c set retired_at = clock_timestamp()
            where c.run_id = @run and c.retired_at is null
              and not exists (select 1 from kept where kept.step = c.step and kept.attempt = c.attempt)
              and (c.damaged_at is null or (select count(*) from ranked) >= @keepLast)
            """,
            new { keepBest, keepLast }, cancellationToken);
}
