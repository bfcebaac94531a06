using System.Diagnostics;
using System.Net.Sockets;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using Npgsql;
using Xunit;

namespace ChangeDetection.TestKit.Databases;

/// <summary>
/// A real PgBouncer before a test's server, on loopback; the test is skipped, with a reason, where it is not installed. It refuses to run as root, so it
/// runs as the account of the cluster, and ends with this process.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private const string Script = "\"$1\" -q \"$2\" & p=$!; read -r _; kill -TERM $p; wait $p";
    private static readonly string[] s_places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder;
    private readonly Process _shell;

    private PgBouncer(TemporaryFolder folder, Process shell, string connectionString)
    {
        (_folder, _shell) = (folder, shell);
        ConnectionString = connectionString;
    }

    /// <summary>The same database, through it.</summary>
    public string ConnectionString { get; }

    /// <param name="poolMode"><c>session</c>, <c>transaction</c> or <c>statement</c>.</param>
    /// <param name="settings">Further lines of its section.</param>
    public static async Task<PgBouncer> StartOrSkipAsync(string connectionString, string poolMode, params string[] settings)
    {
        if (s_places.FirstOrDefault(File.Exists) is not { } program)
        {
            Assert.Skip("PgBouncer is not installed (apt-get install pgbouncer).");
            throw new UnreachableException();
        }
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        var account = SystemAccount.ForCluster();
        var folder = new TemporaryFolder();
        if (account is not null)
            File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherExecute);
        var port = FreePort.ToKeep();
        var users = Write(folder, account, "users.txt", $"\"{server.Username}\" \"{server.Password}\"\n");
        var ini = Write(folder, account, "pgbouncer.ini", $"""
            [databases]
            * = host={server.Host} port={server.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            pool_mode = {poolMode}
            max_client_conn = 100
            default_pool_size = 20
            {string.Join('\n', settings)}
            """);
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", program, ini])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        if (account is not null)
            start.UserName = account.Name;
        var shell = Process.Start(start)!;
        _ = shell.StandardError.ReadToEndAsync();
        var bouncer = new PgBouncer(folder, shell, new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = port }.ConnectionString);
        await Eventually.TrueAsync("PgBouncer to listen", () => ListensAsync(port), s_limit);
        return bouncer;
    }

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_limit);
        await _shell.WaitForExitAsync(limit.Token);
        _shell.Dispose();
        _folder.Dispose();
    }

    private static string Write(TemporaryFolder folder, SystemAccount? account, string name, string text)
    {
        var path = folder.Write(name, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        account?.Own(path);
        return path;
    }

    private static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
