using System.Globalization;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Database.LocalServer;
using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.TestKit;

/// <summary>
/// A PostgreSQL cluster of a test assembly's own, started when the first test asks for a database. Declare it once per assembly,
/// <c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c>, and take it as a constructor parameter of the test class.
/// It is gone afterwards, whatever the tests did, and also when the test process itself is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Template = "template_migrated";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly DataFolder _folder;
    private readonly LocalPostgresOptions _options;
    private LocalPostgres? _server;
    private PostgresWatchdog? _watchdog;
    private bool _hasTemplate;
    private int _databases;

    /// <summary>Commits are not flushed to the disk, which is much faster; a crash of the server alone loses nothing all the same.</summary>
    public PostgresServer() : this(durable: false)
    {
    }

    private PostgresServer(bool durable)
    {
        _options = new LocalPostgresOptions { Durable = durable };
        _folder = DataFolder.Open(Directory.CreateTempSubdirectory("changedetection-postgres-").FullName);
    }

    /// <summary>A cluster that flushes, as in production.</summary>
    public static PostgresServer Durable() => new(durable: true);

    /// <summary>The data folder of the cluster.</summary>
    public DataFolder Folder => _folder;

    /// <summary>A fresh database with all our tables and Hangfire's; dropped when disposed.</summary>
    public Task<TestDatabase> CreateDatabaseAsync() => CreateDatabaseAsync(migrated: true);

    /// <summary>A fresh database with nothing in it; dropped when disposed.</summary>
    public Task<TestDatabase> CreateEmptyDatabaseAsync() => CreateDatabaseAsync(migrated: false);

    /// <summary>Runs a statement in the maintenance database, as the superuser that tests are.</summary>
    public async Task AdministerAsync(string sql)
    {
        await RunningAsync();
        await ExecuteAsync(sql);
    }

    /// <summary>Ends the server as a crash would. Databases stay; <see cref="StartAsync"/> recovers them.</summary>
    public async Task CrashAsync() => await (await RunningAsync()).CrashAsync();

    /// <summary>Stops the server in order.</summary>
    public async Task StopAsync() => await (await RunningAsync()).StopAsync();

    /// <summary>Starts the server again after a stop or a crash, at the same port: connection strings stay valid.</summary>
    public async Task StartAsync()
    {
        var port = (await RunningAsync()).Port;
        _server = await LocalPostgres.StartAsync(_folder, _options);
        if (_server.Port != port)
            throw new InvalidOperationException($"Another program took port {port} while the server was down. Run the test again.");
    }

    /// <summary>Freezes the server with all its back ends (SIGSTOP): connections stay open, and nothing answers.</summary>
    public async Task FreezeAsync() => RunningProgram.FreezeTree(await PostmasterAsync());

    /// <summary>Lets a frozen server go on where it stood.</summary>
    public async Task ThawAsync() => RunningProgram.ThawTree(await PostmasterAsync());

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_watchdog is not null)
            await _watchdog.DisposeAsync();
        else
            Directory.Delete(_folder.Path, recursive: true);
        _gate.Dispose();
    }

    internal async Task DropAsync(string database) =>
        await ExecuteAsync($"drop database if exists {database} with (force)");

    private async Task<int> PostmasterAsync()
    {
        var file = Path.Combine((await RunningAsync()).Home, "data", "postmaster.pid");
        return int.Parse((await File.ReadAllLinesAsync(file))[0], CultureInfo.InvariantCulture);
    }

    private async Task<TestDatabase> CreateDatabaseAsync(bool migrated)
    {
        var server = await RunningAsync();
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        if (migrated)
            await EnsureTemplateAsync(server);
        await ExecuteAsync($"create database {name} template {(migrated ? Template : "template0")}");
        return new TestDatabase(this, name, server.ConnectionStringFor(name));
    }

    private async Task<LocalPostgres> RunningAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _watchdog ??= PostgresWatchdog.Start(_folder);
            return _server ??= await LocalPostgres.StartAsync(_folder, _options);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task EnsureTemplateAsync(LocalPostgres server)
    {
        await _gate.WaitAsync();
        try
        {
            if (_hasTemplate)
                return;
            await ExecuteAsync($"create database {Template} template template0");
            await Migrator.MigrateAsync(server.ConnectionStringFor(Template));
            _hasTemplate = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    internal async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_server!.ConnectionStringFor("postgres") + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
