using System.Runtime.CompilerServices;
using Npgsql;

namespace ChangeDetection.Core.Runs.Inventory;

/// <summary>
/// Which objects the rows name: what has to be in the store. Not named is what may be gone: checkpoints that are retired and that no queued config names, those
/// that were found damaged, and the strips and inputs of runs that have ended.
/// </summary>
public static class ObjectInventory
{
    private const string Sql =
        """
        with unfinished as materialized (select * from runs where state in ('queued', 'running', 'paused'))
        select 'Checkpoint', c.run_id, c.prefix, c.bytes, c.manifest_sha256,
               -- By their names in the row: not every schema that is read here has these columns.
               fields.value ->> 'optimizer_released_at' is not null or coalesce(fields.value ->> 'optimizer_bytes' = '0', false)
        from checkpoints c, to_jsonb(c) as fields (value)
        where c.damaged_at is null and (c.retired_at is null or exists (
            select 1 from unfinished r where strpos(r.config #>> '{model,init}', c.prefix || '/') > 0
                                          or (r.kind = 'predict' and r.config #>> '{checkpoint,prefix}' = c.prefix)))
        union all
        -- A picture of several names is one object.
        select distinct 'Artifact', run_id, object_key, bytes, sha256, false from artifacts
        union all
        select 'Strip', s.run_id, s.object_key, s.bytes, s.sha256, false from strips s join unfinished r on r.id = s.run_id
        union all
        select 'Input', r.id, image ->> 'key', (image ->> 'bytes')::bigint, image ->> 'sha256', false
        from unfinished r, jsonb_path_query(r.config, 'strict $.** ? (exists (@.key) && exists (@.sha256))') image
        where r.kind = 'predict' and image ->> 'key' is not null
        union all
        select 'Input', r.id, upload, null, null, false from unfinished r, substring(
            coalesce(r.config #>> '{model,init,from}', r.config #>> '{model,init}') from 'runs/' || r.id::text || '/upload-a0/[^/]+$') upload
        where upload is not null
        order by 2, 3
        """;

    /// <summary>As the connection's transaction sees the rows, by run and key; read as they are asked for.</summary>
    /// <param name="connection">One that finds our tables by its search path; busy until the last has been read.</param>
    public static async IAsyncEnumerable<NamedRow> ListAsync(NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new NamedRow(
                Enum.Parse<NamedKind>(reader.GetString(0)), reader.GetGuid(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetInt64(3), reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetBoolean(5));
        }
    }
}
