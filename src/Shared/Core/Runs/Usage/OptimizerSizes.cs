using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Storage;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Usage;

/// <summary>
/// How much of a checkpoint is its optimizer's state, for rows of before that was recorded: the store is listed once, and the rows know from then on.
/// </summary>
public sealed class OptimizerSizes(NpgsqlDataSource database)
{
    private const int ChunkSize = 1000;
    private const string FileEnding = "/" + CheckpointManifest.OptimizerFile;

    /// <summary>Whether every row knows.</summary>
    public async Task<bool> AreKnownAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return !await connection.QuerySingleAsync<bool>(new CommandDefinition(
            "select exists (select 1 from checkpoints where optimizer_bytes is null)", cancellationToken: cancellationToken));
    }

    /// <summary>Lists the store, and tells the rows. A checkpoint that is there without such an object has none.</summary>
    /// <exception cref="IOException">The store cannot be listed.</exception>
    public async Task LearnAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        var began = await NowAsync(cancellationToken);
        var found = store.ListAsync(RunObject.Root, cancellationToken)
            .Where(stored => stored.Key.Value.EndsWith(FileEnding, StringComparison.Ordinal) && RunObject.Parse(stored.Key) is not null);
        await foreach (var chunk in found.Chunk(ChunkSize).WithCancellation(cancellationToken))
        {
            await ExecuteAsync(
                """
                update checkpoints c set optimizer_bytes = listed.bytes from unnest(@prefixes, @bytes) as listed(prefix, bytes)
                where c.prefix = listed.prefix and c.run_id = (split_part(listed.prefix, '/', 2))::uuid and c.optimizer_bytes is null
                """,
                new { prefixes = chunk.Select(one => one.Key.Value[..^FileEnding.Length]).ToArray(), bytes = chunk.Select(one => one.Length).ToArray() },
                cancellationToken);
        }
        await ExecuteAsync(
            "update checkpoints set optimizer_bytes = 0 where optimizer_bytes is null and published_at < @began", new { began }, cancellationToken);
    }

    private async Task<DateTime> NowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<DateTime>(new CommandDefinition("select clock_timestamp()", cancellationToken: cancellationToken));
    }

    private async Task ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }
}
