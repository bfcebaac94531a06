using ChangeDetection.Core.Database;

namespace ChangeDetection.TestKit;

/// <summary>A release's database, as that release left it, and then as this one brings it to its own version.</summary>
public static class GoldenDatabase
{
    public static async Task<TestDatabase> RestoreAsync(PostgresServer server, string release)
    {
        var database = await server.CreateEmptyDatabaseAsync();
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        await using (var command = connection.CreateCommand())
        {
            // The dump names everything by its schema, and sets a search path that it leaves behind.
            command.CommandText = await File.ReadAllTextAsync(GoldenFiles.Of(release, "database.sql"));
            await command.ExecuteNonQueryAsync();
        }
        database.DataSource.Clear();
        await Migrator.MigrateAsync(database.ConnectionString);
        return database;
    }
}
