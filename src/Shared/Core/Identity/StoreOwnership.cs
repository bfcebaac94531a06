using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using Npgsql;

namespace ChangeDetection.Core.Identity;

/// <summary>
/// The look that a process takes at its start: whether its database and its store are of one system. A store that does not answer then is no reason
/// not to start: what needs it says so itself, and nothing is collected before its mark was seen.
/// </summary>
public static class StoreOwnership
{
    /// <summary>For <c>serve</c> and workers: marks a store that is new.</summary>
    /// <param name="say">Takes a line when the store does not answer.</param>
    /// <exception cref="SystemIdentityException">The store is another system's.</exception>
    public static async Task ClaimAsync(string connectionString, Uri store, Action<string> say, CancellationToken cancellationToken)
    {
        await using var database = DataSources.Create(connectionString, "changedetection identity");
        await ClaimAsync(database, store, say, cancellationToken);
    }

    /// <inheritdoc cref="ClaimAsync(string, Uri, Action{string}, CancellationToken)"/>
    public static async Task ClaimAsync(NpgsqlDataSource database, Uri store, Action<string> say, CancellationToken cancellationToken)
    {
        try
        {
            await Outage.RetryAsync(token => SystemIdentity.ClaimAsync(database, ObjectStores.Open(store), token), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            say($"the store does not say whose it is ({exception.Message})");
        }
    }

    /// <summary>For those who read, and for the command line.</summary>
    /// <exception cref="SystemIdentityException">The store is another system's.</exception>
    public static async Task RequireNotForeignAsync(NpgsqlDataSource database, Uri store, CancellationToken cancellationToken)
    {
        try
        {
            await SystemIdentity.RequireNotForeignAsync(database, ObjectStores.Open(store), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Much can be done without it.
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            // A database of before there were identities, or of no system at all: whoever reads its rows says so.
        }
    }
}
