using Npgsql;

namespace ChangeDetection.Core.Database.Dumps;

/// <summary>
/// Our schema as an archive of <c>pg_dump</c> (custom format, compressed), without owners and rights, which are of one server. Hangfire's schema is not in it:
/// what is in that is made again from ours.
/// </summary>
public static class SchemaDump
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="connection">An open one to the server that is dumped.</param>
    /// <param name="connectionString">How to connect there once more, with the password.</param>
    /// <param name="snapshot">Exported by a transaction that is still open; null: one of its own.</param>
    /// <param name="path">The file, readable by its owner alone; what was there is replaced.</param>
    /// <returns>The programs that wrote it.</returns>
    /// <exception cref="Hosting.SettingsException">No pg_dump of at least the server's version is installed.</exception>
    /// <exception cref="DumpException">It failed; what the file holds is worth nothing.</exception>
    public static async Task<PostgresClient> WriteAsync(
        NpgsqlConnection connection, string connectionString, string? snapshot, string path, CancellationToken cancellationToken)
    {
        var client = PostgresClient.Find(connection.PostgreSqlVersion.Major);
        File.Delete(path);
        await using (new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
        }
        string[] moment = snapshot is null ? [] : [$"--snapshot={snapshot}"];
        using var dump = ClientProcess.Start(
            client.Dump,
            [
                "--format=custom", $"--schema={DataSources.Schema}", "--no-owner", "--no-privileges", "--no-password",
                // Who reads these could be anybody on the dashboard. Without them people sign in once more.
                $"--exclude-table-data={DataSources.Schema}.cookie_keys", .. moment, $"--file={path}",
            ],
            SameServer(connection, connectionString));
        dump.Input.Close();
        await dump.SucceedAsync("The dump of the database", cancellationToken);
        return client;
    }

    /// <summary>Reads an archive from its beginning to its end, so that one that was cut is found out.</summary>
    /// <exception cref="DumpException">It is damaged.</exception>
    public static async Task ReadThroughAsync(PostgresClient client, Stream archive, CancellationToken cancellationToken)
    {
        using var read = ClientProcess.Start(client.Restore, ["--no-owner", "--no-privileges", "--file=/dev/null"], server: null);
        await read.FeedAsync(archive, cancellationToken);
        await read.SucceedAsync("Reading the dump of the database", cancellationToken);
    }

    /// <summary>Of several hosts, the one that answered.</summary>
    internal static NpgsqlConnectionStringBuilder SameServer(NpgsqlConnection connection, string connectionString)
    {
        var server = DataSources.Settings(connectionString);
        server.Host = connection.Host ?? server.Host;
        server.Port = connection.Port == 0 ? server.Port : connection.Port;
        server.Database = connection.Database;
        return server;
    }
}
