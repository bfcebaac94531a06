using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.TestKit.Databases;

/// <summary>
/// A streaming standby of a test's server, made by <c>pg_basebackup</c> as anybody would make one. Every commit waits for it (synchronous replication), so
/// that it lacks nothing when the primary is gone.
/// </summary>
public sealed class StandbyServer : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly AccountShell _shell;
    private readonly string _home;
    private readonly PostgresWatchdog _watchdog;
    private readonly string _primary;

    private StandbyServer(SystemAccount? account, string home, PostgresWatchdog watchdog, string primary, int port)
    {
        (_shell, _home, _watchdog, _primary) = (new AccountShell(account, home), home, watchdog, primary);
        Port = port;
    }

    /// <summary>On 127.0.0.1.</summary>
    public int Port { get; }

    /// <param name="connectionString">Of any database of the primary.</param>
    public static async Task<StandbyServer> OfAsync(string connectionString)
    {
        var primary = new NpgsqlConnectionStringBuilder(connectionString);
        var account = SystemAccount.ForCluster();
        var folder = DataFolder.At(Directory.CreateTempSubdirectory("changedetection-standby-").FullName);
        var home = Directory.CreateDirectory(folder.Postgres).FullName;
        if (account is not null)
        {
            // The account may pass through to its own folder.
            File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherExecute);
            account.Own(home);
        }
        // By this the watchdog finds what to end.
        await File.WriteAllTextAsync(folder.Cluster, $"{{\n  \"home\": \"{home}\",\n  \"standby\": true\n}}\n");
        var binaries = PostgresBinaries.Find();
        var port = FreePort.ToKeep();
        var standby = new StandbyServer(account, home, PostgresWatchdog.Start(folder), connectionString, port);
        try
        {
            await standby.RunAsync(
                "export PGPASSWORD; read -r PGPASSWORD; \"$1\" -D data -R -X stream -c fast --no-sync -h 127.0.0.1 -p \"$2\" -U \"$3\"",
                [Path.Combine(binaries.Folder, "pg_basebackup"), $"{primary.Port}", primary.Username!], primary.Password + "\n");
            await standby.RunAsync(
                "\"$1\" start -w -s -D data -l postgres.log -o \"$2\"",
                [binaries.PgCtl, ClusterSettings.CommandLine(binaries.Major, port, durable: false)]);
            await standby.OnPrimaryAsync("alter system set synchronous_standby_names = '*'");
            await standby.OnPrimaryAsync("select pg_reload_conf()");
            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes it a primary.</summary>
    public Task PromoteAsync() => RunAsync("\"$1\" promote -w -s -D data", [PostgresBinaries.Find().PgCtl]);

    public async ValueTask DisposeAsync()
    {
        try
        {
            // A primary that lives on would wait for us with every commit.
            await OnPrimaryAsync("alter system reset synchronous_standby_names");
            await OnPrimaryAsync("select pg_reload_conf()");
        }
        catch (NpgsqlException)
        {
            // It is gone.
        }
        await _watchdog.DisposeAsync();
    }

    private async Task OnPrimaryAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_primary + ";Pooling=false;Timeout=3");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task RunAsync(string script, IReadOnlyList<string> arguments, string? input = null)
    {
        var result = await _shell.RunScriptAsync(script, arguments, s_limit, input, CancellationToken.None);
        var log = Path.Combine(_home, "postgres.log");
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{script}: {result.Output}\n{(File.Exists(log) ? await File.ReadAllTextAsync(log) : "")}");
    }
}
