using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;
using Npgsql;

namespace ChangeDetection.Core.Tests.Runs;

/// <summary>While the server refuses writes nobody can renew: the first look that gets through takes nothing, and gives everybody a lease.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RefusedLookTests(PostgresServer server)
{
    private static readonly LeaseSettings s_lease = new() { Duration = TimeSpan.FromSeconds(1) };
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Expire_AfterALookThatTheServerRefused_TakesNothingForALease()
    {
        await using var database = await server.CreateDatabaseAsync();
        var leases = new LeaseStore(database.DataSource, s_lease);
        var run = (await Experiments.SubmitAsync(database))[0];
        Assert.NotNull(await leases.ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None));

        await SwitchAsync(database, readOnly: true);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => leases.ExpireAsync(CancellationToken.None));
        Assert.Equal((PostgresErrorCodes.ReadOnlySqlTransaction, true), (refused.SqlState, Outage.IsOutage(refused)));
        await SwitchAsync(database, readOnly: false);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            // Another process has looked a moment ago, and since for ever: by that alone the run would be taken.
            await connection.ExecuteAsync(
                """
                insert into lease_watch (seen_at, unbroken_since) values (clock_timestamp(), clock_timestamp() - interval '1 day')
                on conflict (only_row) do update set seen_at = excluded.seen_at, unbroken_since = excluded.unbroken_since;
                update runs set lease_until = clock_timestamp() - interval '10 s';
                """);
        }

        Assert.Empty(await leases.ExpireAsync(CancellationToken.None));
        await Eventually.TrueAsync(
            "the silent run to be taken back", async () => (await leases.ExpireAsync(CancellationToken.None)).Contains(run), s_limit);
    }

    private static async Task SwitchAsync(TestDatabase database, bool readOnly)
    {
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await connection.ExecuteAsync("set default_transaction_read_only = off");
            await connection.ExecuteAsync($"alter database {database.Name} set default_transaction_read_only = {(readOnly ? "on" : "off")}");
        }
        // A database's settings hold for new sessions.
        database.DataSource.Clear();
    }
}
