using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The table <c>artifacts</c>: stored files of a run, such as pictures of samples.</summary>
public sealed class ArtifactStore(NpgsqlDataSource database)
{
    public async Task<IReadOnlyList<ArtifactRecord>> ListAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<ArtifactRecord>(new CommandDefinition(
            """
            select run_id, name, attempt, object_key, content_type, bytes, sha256, metrics::text, created_at
            from artifacts where run_id = @run order by name
            """,
            new { run }, cancellationToken: cancellationToken))).ToList();
    }

    /// <summary>Adds a file, or lets it take the place of an earlier attempt's of the same name.</summary>
    public static Task AddAsync(FencedTransaction fence, ArtifactRecord artifact, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            """
            insert into artifacts (run_id, attempt, name, object_key, content_type, bytes, sha256, metrics)
            values (@run, @attempt, @Name, @ObjectKey, @ContentType, @Bytes, @Sha256, @Metrics::jsonb)
            on conflict (run_id, name) do update set attempt = excluded.attempt, object_key = excluded.object_key,
                content_type = excluded.content_type, bytes = excluded.bytes, sha256 = excluded.sha256, metrics = excluded.metrics
            """,
            new { artifact.Name, artifact.ObjectKey, artifact.ContentType, artifact.Bytes, artifact.Sha256, artifact.Metrics }, cancellationToken);
}
