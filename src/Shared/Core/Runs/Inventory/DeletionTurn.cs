using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Runs.Inventory;

/// <summary>
/// The right to delete objects that rows have named, until it is disposed: no backup begins meanwhile (<see cref="CollectionHold"/>). Any number of processes
/// have one at once. Take one for each object or checkpoint, so that a backup waits for no more than that.
/// </summary>
public sealed class DeletionTurn : IAsyncDisposable
{
    private readonly NpgsqlConnection _session;

    private DeletionTurn(NpgsqlConnection session) => _session = session;

    /// <summary>Null while a backup is being made: leave the object for the next round.</summary>
    public static async Task<DeletionTurn?> TryTakeAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var session = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            // Of the session and not of a transaction: deleting in a bucket takes longer than one of ours may idle.
            if (await session.ExecuteScalarAsync<bool>(new CommandDefinition(
                "select pg_try_advisory_lock_shared(@key)", new { key = CollectionHold.LockKey }, cancellationToken: cancellationToken)))
                return new DeletionTurn(session);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
        await session.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _session.ExecuteAsync("select pg_advisory_unlock_shared(@key)", new { key = CollectionHold.LockKey });
        }
        catch (NpgsqlException)
        {
            // The session is gone, and its locks with it.
        }
        await _session.DisposeAsync();
    }
}
