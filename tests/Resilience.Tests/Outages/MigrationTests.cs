using ChangeDetection.Core.Database;
using ChangeDetection.TestKit;
using Npgsql;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>P1: schedulers that start at once, die in the middle of a migration or find another history leave a database that is whole.</summary>
[Collection(nameof(SystemApart))]
public sealed class MigrationTests(SystemApart apart)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Serve_TwoAtOnceAfterOneWasKilledInTheMiddle_BringTheDatabaseThereOnce()
    {
        await using var database = await apart.Postgres.CreateEmptyDatabaseAsync();
        // Without the store that belongs to the database of the other tests.
        var here = new Dictionary<string, string?> { ["CHANGEDETECTION_DATABASE"] = database.ConnectionString, ["CHANGEDETECTION_STORE"] = null };
        await using (var blocker = await database.DataSource.OpenConnectionAsync())
        {
            // Somebody is about to make a table of that name: the last step has to wait for what becomes of it.
            await ExecuteAsync(blocker, "create schema changedetection; set idle_in_transaction_session_timeout = 0");
            await ExecuteAsync(blocker, "begin; create table changedetection.lease_watch (id int)");
            await using var killed = apart.System.StartServe(here);
            await Eventually.TrueAsync("a migration to be half-way", async () => await database.WaitingAsync(), s_limit);
            killed.Kill();
            await ExecuteAsync(blocker, "rollback");
        }

        await using var one = apart.System.StartServe(here);
        await using var other = apart.System.StartServe(here);
        await one.LineAsync("scheduler: ready", s_limit);
        await other.LineAsync("scheduler: ready", s_limit);
        await Migrator.WaitForVersionAsync(database.DataSource, TimeSpan.Zero, CancellationToken.None);

        // An old step that reads differently now: nobody knows what this database really had.
        await using (
            var command = database.DataSource
            .CreateCommand("update changedetection.schema_versions set sha256 = 'another' where name = '0001_runs.sql'"))
            await command.ExecuteNonQueryAsync();
        await using var refused = apart.System.StartServe(here);
        Assert.Equal(1, await refused.ExitAsync(s_limit));
        Assert.Contains("0001_runs.sql was edited after this database had it", refused.Text, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
