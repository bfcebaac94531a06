using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Tests.Database;

public sealed class PostgresServerTests(PostgresServer server)
{
    [Fact]
    public async Task CreateDatabase_Twice_GivesTwoMigratedDatabasesApart()
    {
        await using var first = await server.CreateDatabaseAsync();
        await using var second = await server.CreateDatabaseAsync();

        await using (var command = first.DataSource.CreateCommand("create table changedetection.only_here (id int)"))
            await command.ExecuteNonQueryAsync();

        Assert.True(await HasAsync(first, "changedetection.only_here"));
        Assert.False(await HasAsync(second, "changedetection.only_here"));
        Assert.True(await HasAsync(second, "changedetection.runs"));
        Assert.True(await HasAsync(second, "hangfire.job"));
    }

    private static async Task<bool> HasAsync(TestDatabase database, string table)
    {
        await using var command = database.DataSource.CreateCommand("select to_regclass($1) is not null");
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
