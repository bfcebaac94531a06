using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Databases;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

/// <summary>Through a pooler that shares sessions nothing of ours holds; it is told at the start, by a real PgBouncer, and nothing is written.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class SessionCheckTests(PostgresServer server)
{
    private const string Ignores = "ignore_startup_parameters = options,search_path";

    [Theory]
    [InlineData("transaction")]
    [InlineData("transaction", Ignores)]
    [InlineData("statement", Ignores)]
    // Idle sessions by turns, and so few that one is given twice in a row only now and then.
    [InlineData("transaction", Ignores, "server_round_robin = 1", "min_pool_size = 5")]
    public async Task Migrate_ThroughAPoolThatSharesSessions_SaysWhatToDoAndWritesNothing(string mode, params string[] settings)
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        await using var bouncer = await PgBouncer.StartOrSkipAsync(database.ConnectionString, mode, settings);

        var refused = await Assert.ThrowsAsync<SettingsException>(() => Migrator.MigrateAsync(bouncer.ConnectionString));

        Assert.Contains("gives a session away after each transaction", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Use the direct address of the server, or set pool_mode = session", refused.Message, StringComparison.Ordinal);
        await using var source = DataSources.Create(bouncer.ConnectionString, "tests");
        await Assert.ThrowsAsync<SettingsException>(
            () => Migrator.WaitForVersionAsync(bouncer.ConnectionString, source, TimeSpan.Zero, CancellationToken.None));
        Assert.Empty(await TablesAsync(database));
    }

    [Fact]
    public async Task Migrate_ThroughAPoolOfSessions_NeedsItsTwoSettings_AndThenWorks()
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        await using (var strict = await PgBouncer.StartOrSkipAsync(database.ConnectionString, "session"))
        {
            var refused = await Assert.ThrowsAsync<SettingsException>(() => Migrator.MigrateAsync(strict.ConnectionString));
            Assert.Contains("set ignore_startup_parameters = options,search_path there", refused.Message, StringComparison.Ordinal);
        }
        await using (var lax = await PgBouncer.StartOrSkipAsync(database.ConnectionString, "session", Ignores))
        {
            var refused = await Assert.ThrowsAsync<SettingsException>(() => Migrator.MigrateAsync(lax.ConnectionString));
            Assert.Contains("alter role USER set search_path = changedetection", refused.Message, StringComparison.Ordinal);
        }
        Assert.Empty(await TablesAsync(database));

        await server.AdministerAsync($"alter role changedetection in database {database.Name} set search_path = changedetection");
        await using var bouncer = await PgBouncer.StartOrSkipAsync(database.ConnectionString, "session", Ignores);
        Assert.NotEmpty(await Migrator.MigrateAsync(bouncer.ConnectionString));
        Assert.DoesNotContain(await TablesAsync(database), table => table.StartsWith("public.", StringComparison.Ordinal));
        await using var source = DataSources.Create(bouncer.ConnectionString, "tests");
        for (var use = 0; use < 3; use++)
        {
            // What the pool of this process hands out again still finds our tables.
            await using var command = source.CreateCommand("select count(*) from runs");
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
    }

    [Theory]
    [InlineData("Password", "canary-7f3a", "28P01")]
    [InlineData("Username", "canary-7f3a", "28P01")]
    [InlineData("Database", "canary-7f3a", "3D000")]
    public async Task Address_ThatTheServerRefuses_IsToldWithoutAnyPartOfIt(string key, string value, string state)
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        var wrong = new NpgsqlConnectionStringBuilder(database.ConnectionString) { [key] = value }.ConnectionString;
        var refused = await Assert.ThrowsAsync<SettingsException>(() => SessionCheck.RequireAsync(wrong, CancellationToken.None));
        Assert.Contains(state, refused.Message, StringComparison.Ordinal);
        Assert.Contains("CHANGEDETECTION_DATABASE", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> TablesAsync(TestDatabase database)
    {
        await using var command = database.DataSource.CreateCommand(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')");
        await using var reader = await command.ExecuteReaderAsync();
        var tables = new List<string>();
        while (await reader.ReadAsync())
            tables.Add(reader.GetString(0));
        return tables;
    }
}
