using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs;

/// <summary>The table <c>strips</c>: what of a predict run need not be done again. A row is written after its object is durable.</summary>
public sealed class StripStore(NpgsqlDataSource database)
{
    public async Task<IReadOnlyList<StoredStrip>> ListAsync(Guid run, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<(int Strip, int FirstRow, int Rows, string ObjectKey, long Bytes, string Sha256)>(new CommandDefinition(
            "select strip, first_row, rows, object_key, bytes, sha256 from strips where run_id = @run order by strip",
            new { run }, cancellationToken: cancellationToken)))
            .Select(row => new StoredStrip(row.Strip, row.FirstRow, row.Rows, row.ObjectKey, row.Bytes, row.Sha256)).ToList();
    }

    /// <summary>Adds a strip, or lets it take the place of an earlier attempt's, which was found damaged or gone.</summary>
    public static Task AddAsync(FencedTransaction fence, StoredStrip strip, CancellationToken cancellationToken) =>
        fence.ExecuteAsync(
            """
            insert into strips (run_id, strip, attempt, first_row, rows, object_key, bytes, sha256)
            values (@run, @Strip, @attempt, @FirstRow, @Rows, @ObjectKey, @Bytes, @Sha256)
            on conflict (run_id, strip) do update set attempt = excluded.attempt, first_row = excluded.first_row, rows = excluded.rows,
                object_key = excluded.object_key, bytes = excluded.bytes, sha256 = excluded.sha256, stored_at = clock_timestamp()
            """,
            strip, cancellationToken);
}
