using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Core.Identity;

/// <summary>
/// Who a system is: the one row of the table <c>system</c>. A store belongs to it when its marker (<see cref="StoreMarker"/>) bears the same id.
/// Nothing is ever collected in a store that does not.
/// </summary>
/// <param name="Id">The system's id.</param>
/// <param name="MarkedAt">Since when its store bears the id, by the database's clock; null: no store has been marked yet.</param>
public sealed record SystemIdentity(Guid Id, DateTime? MarkedAt)
{
    /// <summary>Reads it. The database has been migrated.</summary>
    /// <exception cref="SystemIdentityException">The table's row is gone.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached, or was never migrated.</exception>
    public static async Task<SystemIdentity> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id, marked_at from changedetection.system");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new SystemIdentity(reader.GetGuid(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetDateTime(1))
            : throw new SystemIdentityException(
                "The table 'system' of the database is empty, so nothing says which system it belongs to. Bring back a backup ('changedetection " +
                "restore'), or, where nothing else is wrong, give it the id of the store's object system.json: insert into " +
                "changedetection.system (id) values ('…').");
    }

    /// <summary>
    /// Gives the database another id: that of a folder that is settled, of a copy, or of a restored system. Its store is unmarked for it from then
    /// on.
    /// </summary>
    public static async Task RenewAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update changedetection.system set id = $1, marked_at = null where id <> $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Checks that a store is this system's, and marks one that bears no mark yet where neither rows nor objects say that it is another's. For the
    /// processes that own a system: <c>up</c>, <c>serve</c>, workers.
    /// </summary>
    /// <exception cref="SystemIdentityException">It is another system's, or it is not the one that this database's rows refer to.</exception>
    /// <exception cref="IOException">The store cannot be read or written.</exception>
    public static async Task<SystemIdentity> ClaimAsync(NpgsqlDataSource database, IObjectStore store, CancellationToken cancellationToken)
    {
        var identity = await ReadAsync(database, cancellationToken);
        if (await StoreMarker.ReadAsync(store, cancellationToken) is { } marker)
        {
            identity.RequireOwn(store, marker);
        }
        else
        {
            await UnmarkedStore.RequireNoContradictionAsync(database, identity, store, cancellationToken);
            // Of two that claim a store in the same instant the second reads the first one's.
            identity.RequireOwn(store, await StoreMarker.WriteAsync(store, identity.Id, cancellationToken));
        }
        if (identity.MarkedAt is null)
            await NoteMarkedAsync(database, identity.Id, cancellationToken);
        return identity;
    }

    /// <summary>Checks that a store is not another system's, and writes nothing: for those who only read, or write what others have asked for.</summary>
    /// <exception cref="SystemIdentityException">It is another system's, or has lost its mark.</exception>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public static async Task RequireNotForeignAsync(NpgsqlDataSource database, IObjectStore store, CancellationToken cancellationToken)
    {
        var identity = await ReadAsync(database, cancellationToken);
        if (await StoreMarker.ReadAsync(store, cancellationToken) is { } marker)
            identity.RequireOwn(store, marker);
        else if (identity.MarkedAt is not null)
            await UnmarkedStore.RequireNoContradictionAsync(database, identity, store, cancellationToken);
    }

    /// <summary>Checks that a store bears this system's mark: before anything is deleted in it that nobody refers to.</summary>
    /// <exception cref="SystemIdentityException">It bears another's, or none.</exception>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public static async Task RequireOwnAsync(NpgsqlDataSource database, IObjectStore store, CancellationToken cancellationToken)
    {
        var identity = await ReadAsync(database, cancellationToken);
        identity.RequireOwn(store, await StoreMarker.ReadAsync(store, cancellationToken) ?? throw new SystemIdentityException(
            $"The store {store.Root} bears no mark of a system (no object {StoreMarker.Key}), so nothing in it is collected. The scheduler marks " +
            "the store of its system when it starts: 'changedetection up', or 'changedetection serve' with the same CHANGEDETECTION_STORE."));
    }

    private void RequireOwn(IObjectStore store, Guid marker)
    {
        if (marker != Id)
        {
            throw new SystemIdentityException(
                $"The store {store.Root} belongs to the system {marker}, and the database to the system {Id}. Nothing was written or deleted. " +
                $"Name the store of this database ({SystemSettings.StoreVariable}), or the database of this store; a new system takes an empty " +
                "folder or prefix.");
        }
    }

    private static async Task NoteMarkedAsync(NpgsqlDataSource database, Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "update changedetection.system set marked_at = clock_timestamp() where id = $1 and marked_at is null");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
