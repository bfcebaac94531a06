using ChangeDetection.Core.Database;
using ChangeDetection.Core.Health;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Health;

[Needs(Resource.Database, Resource.Processes)]
public sealed class DatabaseHealthTests(PostgresServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_OfASoundDatabase_SaysVersionSchemaLatencyAndConnections_AndComparesClocks()
    {
        await using var database = await server.CreateDatabaseAsync();

        var found = await DatabaseHealth.CheckAsync(database.DataSource, TimeProvider.System, Token);

        Assert.Equal(["database", "clock"], found.Select(one => one.Name));
        Assert.All(found, one => Assert.Equal((HealthState.Ok, null), (one.State, one.Problem)));
        Assert.Matches(@"^PostgreSQL \S+.*, schema \d{4}_\w+\.sql, [\d.]+ ms a round trip, \d+ of \d+ connections in use$", found[0].Seen);
        Assert.Matches(@"^this host is \d\.\d{3} s (behind|ahead of) the database$", found[1].Seen);
    }

    [Fact]
    public async Task Check_OfAClockThatIsWrong_WarnsByHowMuch()
    {
        await using var database = await server.CreateDatabaseAsync();

        var found = await DatabaseHealth.CheckAsync(database.DataSource, new FastClock(TimeSpan.FromMinutes(3)), Token);

        Assert.Equal(HealthState.Warning, found[1].State);
        Assert.Matches(@"^this host is 1(79|80)\.\d{3} s ahead of the database$", found[1].Seen);
    }

    [Fact]
    public async Task Check_OfADatabaseWithoutOurSchema_SaysWhoMakesIt()
    {
        await using var database = await server.CreateEmptyDatabaseAsync();

        var found = (await DatabaseHealth.CheckAsync(database.DataSource, TimeProvider.System, Token))[0];

        Assert.Equal((HealthState.Failed, "the schema lacks 0001_runs.sql."), (found.State, found.Problem));
        Assert.Contains("changedetection serve", found.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfADatabaseThatIsReadOnly_Fails()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (var connection = await database.DataSource.OpenConnectionAsync(Token))
            await connection.ExecuteAsync($"alter database {database.Name} set default_transaction_read_only = on");
        database.DataSource.Clear();

        var found = (await DatabaseHealth.CheckAsync(database.DataSource, TimeProvider.System, Token))[0];

        Assert.Equal((HealthState.Failed, "sessions are read-only (default_transaction_read_only)."), (found.State, found.Problem));
    }

    [Fact]
    public async Task Check_OfAServerThatIsNotThere_SaysSoWithoutThePassword()
    {
        await using var nowhere = DataSources.Create("Host=127.0.0.1;Port=1;Username=u;Password=canary-7f3a", "tests");

        var found = await DatabaseHealth.CheckAsync(nowhere, TimeProvider.System, Token);

        Assert.Equal([HealthState.Failed, HealthState.Skipped], found.Select(one => one.State));
        Assert.Contains("Look whether the server is up", found[0].Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", $"{found[0]}", StringComparison.Ordinal);
    }

    private sealed class FastClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
