using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>P2, P3: a client that does not learn whether its COMMIT went through asks again, and what was done is done once.</summary>
[Collection(nameof(SystemApart))]
public sealed class LostAnswerTests(SystemApart apart)
{
    [Fact]
    public async Task Connection_CutAfterEachKindOfCommitWasSent_EverythingIsWrittenOnce()
    {
        var losses = new Dictionary<string, LostAnswer>
        {
            ["claim"] = apart.Network.LoseAnswer("set state = 'running'"),
            ["renewal"] = apart.Network.LoseAnswer("update runs set lease_until"),
            ["metrics"] = apart.Network.LoseAnswer("insert into metrics"),
            ["checkpoint"] = apart.Network.LoseAnswer("insert into checkpoints"),
            ["finish"] = apart.Network.LoseAnswer("with refused as ("),
        };

        // As long as it takes until the lease is renewed.
        var run = await apart.HeldAsync("answers-lost", SystemApart.ForDistant);
        await losses["renewal"].Lost.WaitAsync(SystemApart.Limit);
        apart.System.Held.Release("answers-lost");

        await apart.EndsAsIfNothingHadHappenedAsync(run);
        Assert.All(losses, loss => Assert.True(loss.Value.Lost.IsCompleted, $"The answer to the {loss.Key} was lost."));
    }

    [Fact]
    public async Task Renewal_ThroughConnectionsThatANetworkSwallowed_GetsThroughWithinTheLease()
    {
        await using var database = await apart.Postgres.CreateDatabaseAsync();
        await using var network = DatabaseProxy.Start(database.ConnectionString);
        await using var distant = DataSources.Create(network.ConnectionString, "tests");
        var lease = new LeaseSettings { Duration = TimeSpan.FromSeconds(6) };
        var leases = new LeaseStore(distant, lease);
        var run = (await Experiments.SubmitAsync(database))[0];
        // Several connections, all of them in the pool.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => leases.ExpireAsync(CancellationToken.None)));
        var claim = (await leases.ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None))!;

        network.SwallowAll();

        using var within = new CancellationTokenSource(lease.Duration);
        await Outage.RetryAsync(token => leases.RenewAsync(claim, token), within.Token);
    }

    [Fact]
    public async Task Transaction_OfAProcessThatFroze_DoesNotHoldItsRunForEver()
    {
        await using var database = await apart.Postgres.CreateDatabaseAsync();
        // The same guard as ever, with less patience.
        await using var impatient = DataSources.Create($"{database.ConnectionString};Options=-c idle_in_transaction_session_timeout=1s", "tests");
        var leases = new LeaseStore(database.DataSource, new LeaseSettings { Duration = TimeSpan.FromMilliseconds(100) });
        var run = (await Experiments.SubmitAsync(database))[0];
        var claim = (await leases.ClaimAsync(run, Guid.NewGuid(), "host", "cpu", Guid.NewGuid(), CancellationToken.None))!;
        var frozen = await FencedTransaction.BeginAsync(impatient, claim, CancellationToken.None);
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            Assert.Equal("10s", await connection.ExecuteScalarAsync<string>("show idle_in_transaction_session_timeout"));

        await Eventually.TrueAsync(
            "the run to be taken back", async () => (await leases.ExpireAsync(CancellationToken.None)).Contains(run), TimeSpan.FromSeconds(10));

        var refused = await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(
            () => frozen.ExecuteAsync("update runs set step = 1 where id = @run", null, CancellationToken.None));
        Assert.True(Outage.IsOutage(refused), refused.ToString());
        await frozen.DisposeAsync();
    }
}
