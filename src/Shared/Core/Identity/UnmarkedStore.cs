using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Core.Identity;

/// <summary>
/// What rows and objects say of a store that bears no mark: one of before there were marks, one that is new, or the wrong one. Looked at once in a
/// store's life.
/// </summary>
internal static class UnmarkedStore
{
    /// <summary>How many runs of the store are looked up in one statement.</summary>
    private const int ChunkSize = 500;

    /// <exception cref="SystemIdentityException">
    /// It holds objects of runs that the database does not know, or lacks what the database's rows name.
    /// </exception>
    public static async Task RequireNoContradictionAsync(
        NpgsqlDataSource database, SystemIdentity identity, IObjectStore store, CancellationToken cancellationToken)
    {
        var holdsRuns = false;
        await foreach (var runs in RunsAsync(store, cancellationToken).Chunk(ChunkSize).WithCancellation(cancellationToken))
        {
            holdsRuns = true;
            if (await UnknownAsync(database, runs, cancellationToken) is { } unknown)
            {
                throw new SystemIdentityException(
                    $"The store {store.Root} bears no mark of a system, and holds objects of the run {unknown}, which this database (system " +
                    $"{identity.Id}) does not know: it is another system's store, or this database is older than it. Nothing was written or " +
                    $"deleted. Name another store ({SystemSettings.StoreVariable}: an empty folder or prefix), or the database of this one. If " +
                    $"they belong together all the same, put the object {StoreMarker.Key} into the store: {{ \"id\": \"{identity.Id}\" }}.");
            }
        }
        if (!holdsRuns && await NamesObjectsAsync(database, cancellationToken))
        {
            throw new SystemIdentityException(
                $"The database (system {identity.Id}) names objects, and the store {store.Root} holds none of them: it is not the store of this " +
                "system, or it was emptied. Nothing was written or deleted. Is its disk mounted? Name the right one " +
                $"({SystemSettings.StoreVariable}), put the objects back, or bring back a backup: 'changedetection restore'. If the objects are " +
                $"gone for good, put the object {StoreMarker.Key} into the store: {{ \"id\": \"{identity.Id}\" }}.");
        }
        if (identity.MarkedAt is not null && holdsRuns)
        {
            throw new SystemIdentityException(
                $"The store {store.Root} has borne the mark of this system, and does no longer: the object {StoreMarker.Key} is gone. Nothing was " +
                $"written or deleted. If it is the right store all the same, put the object back: {{ \"id\": \"{identity.Id}\" }}.");
        }
    }

    /// <summary>The runs that objects of the store are of, each once.</summary>
    private static async IAsyncEnumerable<Guid> RunsAsync(
        IObjectStore store, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Guid? last = null;
        await foreach (var stored in store.ListAsync(RunObject.Root, cancellationToken))
        {
            if (stored.Key.Value.Split('/') is [_, var name, _, ..] && Guid.TryParseExact(name, "D", out var run) && run != last)
                yield return (last = run).Value;
        }
    }

    private static async Task<Guid?> UnknownAsync(NpgsqlDataSource database, Guid[] runs, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select id from unnest($1::uuid[]) as stored(id)
            where not exists (select 1 from changedetection.runs r where r.id = stored.id)
              and not exists (select 1 from changedetection.uploads u where u.run_id = stored.id)
            limit 1
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = runs });
        return (Guid?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<bool> NamesObjectsAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select exists (select 1 from changedetection.checkpoints where retired_at is null and damaged_at is null)
                or exists (select 1 from changedetection.artifacts)
            """);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
