using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Bench.Queue;

/// <summary>A private PostgreSQL that flushes, as in production, in a folder of its own; gone afterwards.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly LocalPostgres _server;

    private BenchServer(DataFolder folder, LocalPostgres server) => (_folder, _server) = (folder, server);

    public static async Task<BenchServer> StartAsync()
    {
        var folder = DataFolder.Open(Directory.CreateTempSubdirectory("changedetection-bench-").FullName);
        return new BenchServer(folder, await LocalPostgres.StartAsync(folder));
    }

    /// <summary>Creates a database and returns its connection string.</summary>
    public async Task<string> CreateAsync(string name, bool migrated)
    {
        await using var source = NpgsqlDataSource.Create(_server.ConnectionString);
        await using var command = source.CreateCommand($"create database {name} template template0");
        await command.ExecuteNonQueryAsync();
        var connectionString = _server.ConnectionStringFor(name);
        if (migrated)
            await Migrator.MigrateAsync(connectionString);
        return connectionString;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _server.StopAsync();
        if (Directory.Exists(_server.Home))
            Directory.Delete(_server.Home, recursive: true);
        if (Directory.Exists(_folder.Path))
            Directory.Delete(_folder.Path, recursive: true);
    }
}
