using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.Dumps;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Core.Storage;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Backups;

/// <summary>Where a backup is restored.</summary>
/// <param name="ConnectionString">A database that does not have our schema.</param>
/// <param name="StoreAddress">As configs will name it; <paramref name="Store"/> is what is filled now.</param>
/// <param name="System">The identity that it is to have; null: that of the system that the backup is of, whose place it takes.</param>
/// <param name="Scratch">A folder for the dump, on a disk with room for it.</param>
internal sealed record RestoreRequest(string ConnectionString, IObjectStore Store, Uri StoreAddress, Guid? System, string Scratch);

/// <summary>What was restored.</summary>
/// <param name="System">The identity of the restored system.</param>
public sealed record RestoredSystem(BackupContents Contents, Guid System);

/// <summary>
/// Brings a backup into an empty store and an empty database: first the objects, then, once every hash of the backup is known to be right, all rows in one
/// transaction. One that was killed has left objects and no row; another one goes on with these objects.
/// </summary>
internal static class SystemRestore
{
    /// <param name="progress">Told the bytes of the backup that have been read, and how many there are.</param>
    /// <exception cref="BackupException">The backup is damaged, or does not fit there; the message says why.</exception>
    /// <exception cref="DumpException">PostgreSQL refused; the database is as it was.</exception>
    public static async Task<RestoredSystem> RunAsync(
        string path, RestoreRequest request, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        await using var database = UnpooledSession.Source(request.ConnectionString, "changedetection restore");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await RequireEmptyAsync(connection, cancellationToken);
        await using var dump = Download.NewUnnamedFile(request.Scratch);
        PostgresClient? client = null;
        var filling = new StoreFilling(request.Store, dump, header => client = RequireUsable(header, connection), replaces: request.System is null);
        var isThere = false;
        try
        {
            var contents = await new BackupReader(path, request.Scratch).ReadAsync(filling, progress, cancellationToken);
            CrashPoint.Reach(CrashPoints.RestoreStored);
            var system = request.System ?? contents.Header.System;
            var attempts = await filling.AttemptsAsync(cancellationToken);
            dump.Position = 0;
            await SchemaRestore.RunAsync(
                connection, request.ConnectionString, client!, dump,
                RestoredRows.Changes(contents.Header, system, request.StoreAddress, attempts), cancellationToken);
            // From here on it is a system, and its store is its own.
            isThere = true;
            await SystemIdentity.ClaimAsync(database, request.Store, cancellationToken);
            await filling.EndAsync(cancellationToken);
            return new RestoredSystem(contents, system);
        }
        catch when (!isThere)
        {
            await filling.TakeBackAsync(CancellationToken.None);
            throw;
        }
    }

    private static async Task RequireEmptyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from pg_namespace where nspname = @schema)", new { schema = DataSources.Schema }, cancellationToken: cancellationToken)))
            throw new BackupException(
                $"The database holds a system already (its schema {DataSources.Schema}), and nothing is restored over one. Name an empty database with " +
                $"{SystemSettings.DatabaseVariable}; or, if what is in it is of no use any more, drop the schema there first.", isRequest: true);
    }

    private static PostgresClient RequireUsable(BackupHeader header, NpgsqlConnection connection)
    {
        var server = connection.PostgreSqlVersion.Major;
        if (server < header.Server)
            throw new BackupException(
                $"The backup is of a PostgreSQL {header.Server}, and this server is a {server}. Restore it into a server of that version or a newer one.",
                isRequest: true);
        Migrator.RequireKnown(header.Migrations, $"The backup, made by version {header.Program},");
        return PostgresClient.Find(Math.Max(server, header.DumpedBy));
    }
}
