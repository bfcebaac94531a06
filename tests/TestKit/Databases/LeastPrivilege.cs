using ChangeDetection.Core.Database;
using Npgsql;

namespace ChangeDetection.TestKit.Databases;

/// <summary>The roles of <c>deploy/postgres</c> on a test's database, with a login for each, made as its head says.</summary>
public sealed class LeastPrivilege : IAsyncDisposable
{
    private static readonly string[] s_roles = ["migrator", "scheduler", "worker", "dashboard", "client"];

    /// <summary>Roles are a server's, and tests run at once.</summary>
    private static readonly SemaphoreSlim s_gate = new(1);

    private readonly PostgresServer _server;
    private readonly TestDatabase _database;

    private LeastPrivilege(PostgresServer server, TestDatabase database) => (_server, _database) = (server, database);

    /// <summary>On an empty database: makes the roles, migrates as the migrator, and grants.</summary>
    public static async Task<LeastPrivilege> GrantAsync(PostgresServer server, TestDatabase database)
    {
        var roles = new LeastPrivilege(server, database);
        await s_gate.WaitAsync();
        try
        {
            await RunFileAsync(database.ConnectionString, "roles.sql");
            foreach (var role in s_roles)
                await server.AdministerAsync(
                    $"create role {roles.Login(role)} login password '{roles.Login(role)}-secret' in role changedetection_{role}");
            await server.AdministerAsync($"alter role {roles.Login("migrator")} set role = changedetection_migrator");
            await Migrator.MigrateAsync(roles.ConnectionString("migrator"));
            await RunFileAsync(roles.ConnectionString("migrator"), "grants.sql");
            return roles;
        }
        finally
        {
            s_gate.Release();
        }
    }

    /// <summary>How a process of this role connects.</summary>
    public string ConnectionString(string role) => new NpgsqlConnectionStringBuilder(_database.ConnectionString)
    {
        Username = Login(role),
        Password = $"{Login(role)}-secret",
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _database.DisposeAsync();
        foreach (var role in s_roles)
            await _server.AdministerAsync($"drop role if exists {Login(role)}");
    }

    private string Login(string role) => $"{_database.Name}_{role}";

    private static async Task RunFileAsync(string connectionString, string name)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var command = source.CreateCommand(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "postgres", name)));
        await command.ExecuteNonQueryAsync();
    }
}
