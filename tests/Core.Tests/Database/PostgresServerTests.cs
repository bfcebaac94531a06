using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

[Needs(Resource.Database, Resource.Processes)]
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

    [Fact]
    public async Task ACluster_ThatCrashesAndStartsAgain_IsGoneWhenTheTestProcessIsKilled()
    {
        var deadline = TimeSpan.FromSeconds(90);
        var lines = new ConcurrentQueue<string>();
        await using var tests = ChildProcess.Start(ChildRole.Command("tests") with { OnLine = lines.Enqueue });
        var up = (await Eventually.GetAsync("its cluster", () => Task.FromResult(lines.FirstOrDefault()), deadline)).Split(' ', 2);
        var port = int.Parse(up[0], CultureInfo.InvariantCulture);
        Assert.False(FreePort.IsFree(port), string.Join(Environment.NewLine, lines));

        using (var process = Process.GetProcessById(tests.Pid))
            process.Kill();

        await Eventually.TrueAsync("the cluster is gone", () => Task.FromResult(FreePort.IsFree(port) && !Directory.Exists(up[1])), deadline);
    }

    private static async Task<bool> HasAsync(TestDatabase database, string table)
    {
        await using var command = database.DataSource.CreateCommand("select to_regclass($1) is not null");
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
