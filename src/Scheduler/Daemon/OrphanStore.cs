using ChangeDetection.Core.Runs;
using Dapper;
using Npgsql;

namespace ChangeDetection.Scheduler.Daemon;

/// <summary>What an attempt stored under one prefix, as the store lists it.</summary>
public sealed record StoredPart(RunObject Object, long Bytes);

/// <summary>Stored by an attempt, and published by nobody.</summary>
public sealed record Orphan
{
    public string Prefix { get; init; } = "";
    public Guid RunId { get; init; }
    public int Attempt { get; init; }
    public long Bytes { get; init; }
    public DateTime DueAt { get; init; }
    /// <summary>Whether the grace time has ended, by the database's clock.</summary>
    public bool Due { get; init; }
    /// <summary>Its run was deleted.</summary>
    public bool Deleted { get; init; }
}

/// <summary>
/// The table <c>orphans</c>. An object is one when its run is ours, no row refers to it, and the attempt in its key is over: an attempt that has left
/// the state running never publishes again, so what is one once stays one (but for the strips of a run that ended and is retried, which it then does
/// again). One too is what was sent for a run that never came to be (<see cref="UploadStore"/>), and everything of a run that was deleted
/// (<c>deleted_runs</c>). Attempts that this database has not seen yet (it was restored from a backup) and other runs it does not know (another system's)
/// are none of its business.
/// </summary>
public sealed class OrphanStore(NpgsqlDataSource database)
{
    private const string Orphaned =
        """
        with listed as (
            select * from unnest(@prefixes::text[], @runs::uuid[], @attempts::int[], @bytes::bigint[]) as part(prefix, run_id, attempt, bytes)),
        orphaned as (
            select listed.*, null::timestamptz as deleted_at from listed join runs r on r.id = listed.run_id
            where listed.attempt <= r.attempt and not (r.state = 'running' and r.attempt = listed.attempt)
              and not exists (select 1 from checkpoints c where c.run_id = listed.run_id and c.prefix = listed.prefix)
              and not exists (select 1 from artifacts a where a.run_id = listed.run_id and a.object_key = listed.prefix)
              -- What a run was given (attempt 0), and the strips that it need not do again, are kept until it has ended.
              and not (r.state in ('queued', 'running', 'paused')
                       and (listed.attempt = 0 or exists (select 1 from strips s where s.run_id = listed.run_id and s.object_key = listed.prefix)))
            union all
            select listed.*, null from listed join uploads u using (run_id) where listed.attempt = 0 and u.begun_at < clock_timestamp() - @sending
            union all
            select listed.*, d.deleted_at from listed join deleted_runs d using (run_id))
        """;

    /// <summary>Which of these are orphans; nothing is noted.</summary>
    public Task<IReadOnlyList<Orphan>> FindAsync(IReadOnlyList<StoredPart> parts, TimeSpan grace, CancellationToken cancellationToken) => QueryAsync(
        $"""
        {Orphaned}
        select orphaned.prefix, orphaned.run_id, orphaned.attempt, orphaned.bytes, deleted_at is not null as deleted,
               coalesce(known.found_at, deleted_at, clock_timestamp()) + @grace as due_at,
               coalesce(coalesce(known.found_at, deleted_at) + @grace <= clock_timestamp(), @grace = interval '0') as due
        from orphaned left join orphans known using (prefix) order by prefix
        """, parts, grace, cancellationToken);

    /// <summary>Notes which of these are orphans; the grace time of each begins when it is first noted, or with the deletion of its run.</summary>
    public Task<IReadOnlyList<Orphan>> NoteAsync(IReadOnlyList<StoredPart> parts, TimeSpan grace, CancellationToken cancellationToken) => QueryAsync(
        $"""
        {Orphaned}
        insert into orphans (prefix, run_id, attempt, bytes, found_at)
        select prefix, run_id, attempt, bytes, coalesce(deleted_at, clock_timestamp()) from orphaned order by prefix
        on conflict (prefix) do update set seen_at = clock_timestamp(), bytes = excluded.bytes
        returning prefix, run_id, attempt, bytes, found_at + @grace as due_at, found_at + @grace <= clock_timestamp() as due,
                  exists (select 1 from deleted_runs d where d.run_id = orphans.run_id) as deleted
        """, parts, grace, cancellationToken);

    /// <summary>Takes away the row of a strip before its object goes.</summary>
    /// <returns>False where its run has been retried since, and goes on from it.</returns>
    public async Task<bool> DetachAsync(Orphan orphan, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<bool>(new CommandDefinition(
            """
            with detached as (
                delete from strips s using runs r
                where s.run_id = @RunId and s.object_key = @Prefix and r.id = s.run_id and r.state in ('succeeded', 'failed', 'cancelled') returning 1)
            select exists (select 1 from detached) or not exists (select 1 from strips s where s.run_id = @RunId and s.object_key = @Prefix)
            """,
            new { orphan.RunId, orphan.Prefix }, cancellationToken: cancellationToken));
    }

    /// <summary>Forgets one whose objects are gone.</summary>
    public async Task RemoveAsync(string prefix, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(
            new CommandDefinition("delete from orphans where prefix = @prefix", new { prefix }, cancellationToken: cancellationToken));
    }

    /// <summary>The database's time, to tell <see cref="ForgetUnseenAsync"/> when a look through the store began.</summary>
    public async Task<DateTime> NowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<DateTime>(new CommandDefinition("select clock_timestamp()", cancellationToken: cancellationToken));
    }

    /// <summary>
    /// Forgets those that a whole look through the store did not come upon: somebody else deleted them. And uploads of which nothing is left; of deleted runs
    /// it is noted.
    /// </summary>
    public async Task ForgetUnseenAsync(DateTime since, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            delete from orphans where seen_at < @since;
            update deleted_runs d set left_bytes = 0 where left_bytes > 0 and deleted_at < @since
                and not exists (select 1 from orphans o where o.run_id = d.run_id);
            delete from uploads u where begun_at < clock_timestamp() - @longAgo and not exists (select 1 from orphans o where o.run_id = u.run_id);
            """,
            new { since, longAgo = 7 * UploadStore.Limit }, cancellationToken: cancellationToken));
    }

    private async Task<IReadOnlyList<Orphan>> QueryAsync(string sql, IReadOnlyList<StoredPart> parts, TimeSpan grace, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Orphan>(new CommandDefinition(
            sql,
            new
            {
                prefixes = parts.Select(part => part.Object.Prefix).ToArray(),
                runs = parts.Select(part => part.Object.Run).ToArray(),
                attempts = parts.Select(part => part.Object.Attempt).ToArray(),
                bytes = parts.Select(part => part.Bytes).ToArray(),
                grace,
                sending = UploadStore.Limit,
            },
            cancellationToken: cancellationToken))).ToList();
    }
}
