using ChangeDetection.Database;
using ChangeDetection.Database.LocalServer;
using ChangeDetection.Hosting;
using Npgsql;

namespace ChangeDetection.Bench;

/// <summary>A private PostgreSQL in a folder of its own, with a database for each of the measured ways; gone afterwards.</summary>
internal sealed class PickupDatabases : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly LocalPostgres _server;

    private PickupDatabases(DataFolder folder, LocalPostgres server) => (_folder, _server) = (folder, server);

    /// <summary>Connection strings. The first two are migrated, the third is empty.</summary>
    public string Queue => _server.ConnectionStringFor("queue");
    public string Bare => _server.ConnectionStringFor("bare");
    public string Defaults => _server.ConnectionStringFor("defaults");

    public static async Task<PickupDatabases> StartAsync()
    {
        var folder = DataFolder.Open(Directory.CreateTempSubdirectory("changedetection-bench-").FullName);
        var databases = new PickupDatabases(folder, await LocalPostgres.StartAsync(folder));
        await using var source = NpgsqlDataSource.Create(databases._server.ConnectionString);
        foreach (var name in new[] { "queue", "bare", "defaults" })
        {
            await using var command = source.CreateCommand($"create database {name} template template0");
            await command.ExecuteNonQueryAsync();
        }
        await Migrator.MigrateAsync(databases.Queue);
        await Migrator.MigrateAsync(databases.Bare);
        return databases;
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
