using ChangeDetection.Core.Database.LocalServer;
using Npgsql;

namespace ChangeDetection.TestKit.Databases;

/// <summary>
/// A database whose files stand on a small disk of their own, and that can be filled to the last page. The server's log of changes stands elsewhere, so that
/// the server lives on. Skips the test where mounting is not allowed.
/// </summary>
public sealed class FilledDatabase : IAsyncDisposable
{
    private const long Bytes = 40 << 20;

    /// <summary>Inserted at once: fewer and fewer, down to a page.</summary>
    private static readonly int[] s_rows = [4000, 500, 60, 8, 1];

    private readonly PostgresServer _server;
    private readonly TestDatabase _database;
    private readonly TemporaryFolder _folder;
    private readonly SmallDisk _disk;
    private readonly string _space;

    private FilledDatabase(PostgresServer server, TestDatabase database, TemporaryFolder folder, SmallDisk disk, string space)
    {
        (_server, _database, _folder, _disk, _space) = (server, database, folder, disk, space);
    }

    /// <summary>Moves a database there. Nobody may be connected to it.</summary>
    public static async Task<FilledDatabase> MoveOrSkipAsync(PostgresServer server, TestDatabase database)
    {
        var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherExecute);
        var disk = SmallDisk.MountOrSkip(folder["disk"], Bytes);
        var space = $"{database.Name}_space";
        SystemAccount.ForCluster()?.Own(disk.Path);
        File.SetUnixFileMode(disk.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await server.AdministerAsync($"create tablespace {space} location '{disk.Path}'");
        database.DataSource.Clear();
        await server.AdministerAsync($"alter database {database.Name} set tablespace {space}");
        return new FilledDatabase(server, database, folder, disk, space);
    }

    /// <summary>
    /// Writes until there is no page left. The file by which the server opens sessions quickly is made to be written anew: no new session comes about
    /// then, and its refusal has no code of its own ("could not write init file").
    /// </summary>
    public async Task FillAsync()
    {
        // Npgsql gives a session up that met a full disk, and afterwards there may be no other: all are opened beforehand.
        var sessions = new Queue<NpgsqlConnection>();
        try
        {
            for (var number = 0; number < 2 * s_rows.Length; number++)
                sessions.Enqueue(await NpgsqlDataSource.Create(_database.ConnectionString + ";Pooling=false").OpenConnectionAsync());
            await ExecuteAsync(sessions.Peek(), "create table if not exists public.filler (text text)");
            await FillAsync(sessions);
            foreach (var file in Directory.EnumerateFiles(_disk.Path, "pg_internal.init", SearchOption.AllDirectories).ToList())
                File.Delete(file);
            await FillAsync(sessions);
        }
        finally
        {
            foreach (var left in sessions)
                await left.DisposeAsync();
        }
    }

    /// <summary>The disk grows, as an administrator would have it.</summary>
    public void Relieve() => _disk.Resize(8 * Bytes);

    public async ValueTask DisposeAsync()
    {
        Relieve();
        // A tablespace goes when nothing is in it; the database is the test's, and goes first.
        await _database.DisposeAsync();
        await _server.AdministerAsync($"drop tablespace {_space}");
        _disk.Dispose();
        _folder.Dispose();
    }

    private static async Task FillAsync(Queue<NpgsqlConnection> sessions)
    {
        foreach (var rows in s_rows)
        {
            await using var session = sessions.Dequeue();
            try
            {
                while (true)
                    await ExecuteAsync(session, $"insert into public.filler select repeat(md5(i::text), 50) from generate_series(1, {rows}) i");
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.DiskFull)
            {
                // What is left of a page that was begun is taken next.
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
