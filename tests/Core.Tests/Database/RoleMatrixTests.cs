using ChangeDetection.Core.Database;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Databases;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

/// <summary>
/// Every role, every table, every right: the matrix of docs/databases.md is what deploy/postgres grants on a real server. A table that a migration adds has no
/// line there yet, and fails here.
/// </summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RoleMatrixTests(PostgresServer server)
{
    private static readonly string[] s_roles = ["scheduler", "worker", "dashboard", "client"];
    private static readonly (char Letter, string Right)[] s_rights = [('S', "select"), ('I', "insert"), ('U', "update"), ('D', "delete")];

    [Fact]
    public async Task Roles_MayDoWithEachTableWhatTheMatrixSays_AndNothingElse()
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        await using var roles = await LeastPrivilege.GrantAsync(server, database);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var tables = (await connection.QueryAsync<string>(
            "select schemaname || '.' || tablename from pg_tables where schemaname in ('changedetection', 'hangfire') order by 1")).ToList();
        var matrix = Matrix();

        Assert.Equal([], matrix.Keys.Where(key => !key.EndsWith('*')).Except(tables));
        foreach (var table in tables)
        {
            var row = matrix.TryGetValue(table, out var own) ? own
                : table.StartsWith("hangfire.", StringComparison.Ordinal) ? matrix["hangfire.*"]
                : throw new InvalidOperationException($"{table} has no line in docs/databases.md; give it one, and its grants in deploy/postgres/grants.sql.");
            foreach (var role in s_roles)
            {
                var has = string.Concat(await AsyncEnumerable.ToListAsync(RightsAsync(connection, role, table)));
                Assert.Equal($"{role} on {table}: {row[role]}", $"{role} on {table}: {(has.Length == 0 ? "–" : has)}");
            }
        }
    }

    [Fact]
    public async Task Roles_MakeNothing_ButTheMigrator()
    {
        await using var database = await server.CreateEmptyDatabaseAsync();
        await using var roles = await LeastPrivilege.GrantAsync(server, database);
        foreach (var role in s_roles)
        {
            await using var source = NpgsqlDataSource.Create(roles.ConnectionString(role) + ";Pooling=false");
            foreach (var schema in new[] { "public", "changedetection", "hangfire" })
                await RefusedAsync(source, $"create table {schema}.mine (id int)");
            await RefusedAsync(source, "create schema mine");
            await RefusedAsync(source, "truncate changedetection.runs");
            await RefusedAsync(source, "drop table changedetection.runs");
            await RefusedAsync(source, "alter table changedetection.runs add column mine int");
        }
        // It may be run again, and after its own work nothing is in public.
        Assert.Empty(await Migrator.MigrateAsync(roles.ConnectionString("migrator")));
        await using var connection = await database.DataSource.OpenConnectionAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select count(*)::int from information_schema.tables where table_schema = 'public'"));
    }

    private static async Task RefusedAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    private static async IAsyncEnumerable<char> RightsAsync(NpgsqlConnection connection, string role, string table)
    {
        foreach (var (letter, right) in s_rights)
        {
            if (await connection.ExecuteScalarAsync<bool>(
                    "select has_table_privilege(@role, @table, @right)", new { role = $"changedetection_{role}", table, right }))
                yield return letter;
        }
    }

    /// <summary>By table with its schema, and role.</summary>
    private static Dictionary<string, Dictionary<string, string>> Matrix()
    {
        var page = Path.Combine(Repository.Root, "docs", "databases.md");
        return File.ReadLines(page).SkipWhile(line => !line.StartsWith("| table |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToDictionary(
                cells => cells[0].Trim('`') is var name && name.Contains('.', StringComparison.Ordinal) ? name : $"changedetection.{cells[0].Trim('`')}",
                cells => s_roles.Select((role, i) => (role, rights: cells[i + 1])).ToDictionary(cell => cell.role, cell => cell.rights));
    }
}
