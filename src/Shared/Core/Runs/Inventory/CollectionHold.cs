using System.Globalization;
using ChangeDetection.Core.Database;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Inventory;

/// <summary>
/// While it is held, nothing that rows have named is deleted from the store, whoever would delete it (<see cref="DeletionTurn"/>): a backup copies what the
/// rows of one moment name, and that takes time. It is a lock of one database session, so it ends with its process, kill -9 included. One at a time.
/// </summary>
public sealed class CollectionHold : IAsyncDisposable
{
    internal const long LockKey = 0x6368_616e_6765_6402; // "changed", 2

    private readonly NpgsqlDataSource _database;
    private readonly NpgsqlConnection _session;

    private CollectionHold(NpgsqlDataSource database, NpgsqlConnection session) => (_database, _session) = (database, session);

    /// <param name="patience">For deletions that are under way; each is of one object or checkpoint.</param>
    /// <exception cref="CollectionHeldException">Another backup holds it, or a deletion takes longer than that.</exception>
    public static async Task<CollectionHold> TakeAsync(string connectionString, TimeSpan patience, CancellationToken cancellationToken)
    {
        var database = UnpooledSession.Source(connectionString, "changedetection backup");
        NpgsqlConnection? session = null;
        try
        {
            session = await database.OpenConnectionAsync(cancellationToken);
            await session.ExecuteAsync(new CommandDefinition(
                string.Create(CultureInfo.InvariantCulture,
                    $"set lock_timeout = {(int)patience.TotalMilliseconds}; select pg_advisory_lock({LockKey}); set lock_timeout = 0"),
                commandTimeout: (int)patience.TotalSeconds + 30, cancellationToken: cancellationToken));
            return new CollectionHold(database, session);
        }
        catch (Exception error)
        {
            if (session is not null)
                await session.DisposeAsync();
            await database.DisposeAsync();
            if (error is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
                throw new CollectionHeldException(error);
            throw;
        }
    }

    /// <summary>Makes sure that it has been held all the time: a session that ended in between is gone, and does not come back.</summary>
    /// <exception cref="NpgsqlException">It was not.</exception>
    public Task RequireAsync(CancellationToken cancellationToken) =>
        _session.ExecuteScalarAsync<int>(new CommandDefinition("select 1", cancellationToken: cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>A backup cannot begin now; the message says why and what to do.</summary>
public sealed class CollectionHeldException(Exception inner) : IOException(
    "Another backup of this system is being made, or objects are being deleted that take long. Wait for it, then try again.", inner);
