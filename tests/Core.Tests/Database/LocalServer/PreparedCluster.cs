using System.Diagnostics;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database.LocalServer;

/// <summary>A stopped cluster with one row in it, made once: each test takes a copy, since making one takes seconds and copying does not.</summary>
public sealed class PreparedCluster : IAsyncLifetime
{
    internal static readonly LocalPostgresOptions Fast = new() { Durable = false };

    private readonly string _folder = Directory.CreateTempSubdirectory("changedetection-postgres-").FullName;
    private PostgresWatchdog? _watchdog;

    public async ValueTask InitializeAsync()
    {
        var folder = DataFolder.Open(_folder);
        _watchdog = PostgresWatchdog.Start(folder);
        var server = await LocalPostgres.StartAsync(folder, Fast);
        await ExecuteAsync(server, "create table kept (value int); insert into kept values (42)");
        await server.StopAsync();
    }

    /// <summary>A data folder with a cluster that was stopped in order.</summary>
    internal async Task<ClusterCopy> CopyAsync(string name = "data")
    {
        var root = ClusterCopy.OpenRoot();
        var copy = Path.Combine(root, name);
        using var process = Process.Start("cp", ["-a", _folder, copy]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        var folder = DataFolder.Open(copy);
        (ClusterRecord.Read(folder)! with { Home = folder.Postgres, Port = FreePort.ToKeep() }).Write(folder);
        return new ClusterCopy(folder, root);
    }

    public async ValueTask DisposeAsync()
    {
        if (_watchdog is not null)
            await _watchdog.DisposeAsync();
    }

    internal static async Task<int> KeptAsync(LocalPostgres server)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand("select value from kept");
        return (int)(await command.ExecuteScalarAsync())!;
    }

    internal static async Task ExecuteAsync(LocalPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A copy; its server is killed and all of it deleted when disposed.</summary>
internal sealed class ClusterCopy(DataFolder folder, string root) : IAsyncDisposable
{
    private readonly PostgresWatchdog _watchdog = PostgresWatchdog.Start(folder);

    /// <summary>A data folder without a cluster yet.</summary>
    public static ClusterCopy Empty()
    {
        var root = OpenRoot();
        return new ClusterCopy(DataFolder.Open(Path.Combine(root, "data")), root);
    }

    /// <summary>A temporary folder that the cluster's account may pass through.</summary>
    public static string OpenRoot()
    {
        var root = Directory.CreateTempSubdirectory("changedetection-postgres-").FullName;
        File.SetUnixFileMode(root, File.GetUnixFileMode(root) | UnixFileMode.OtherExecute);
        return root;
    }

    public DataFolder Folder { get; } = folder;

    public string Data => Path.Combine(Folder.Postgres, "data");

    public Task<LocalPostgres> StartAsync() => LocalPostgres.StartAsync(Folder, PreparedCluster.Fast);

    public int PostmasterPid() => PostmasterFile.Read(Path.Combine(Data, "postmaster.pid"))!.Pid;

    public async ValueTask DisposeAsync()
    {
        await _watchdog.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }
}
