using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.Runs;

[Needs(Resource.Database, Resource.Processes)]
public sealed class ClaimTests(PostgresServer server)
{
    private static readonly LeaseSettings s_lease = new();

    [Fact]
    public async Task Claim_OneRunDeliveredToSixteenClaimersAThousandTimes_GivesOneTokenEachTime()
    {
        const int rounds = 1000;
        await using var database = await server.CreateDatabaseAsync();
        var runs = await Experiments.SubmitAsync(database, rounds);
        var leases = new LeaseStore(database.DataSource, s_lease);

        var claims = await Task.WhenAll(Enumerable.Range(0, 16).Select(claimer => Task.Run(async () =>
        {
            var won = new List<Claim>();
            var worker = Guid.CreateVersion7();
            for (var i = 0; i < rounds; i++)
            {
                // All sixteen ask for the same run at about the same moment; none waits for the others' answers.
                if (await leases.ClaimAsync(runs[i], worker, $"host{claimer}", "cpu", Guid.CreateVersion7(), CancellationToken.None) is { } claim)
                    won.Add(claim);
            }
            return won;
        })));

        var all = claims.SelectMany(won => won).ToList();
        Assert.Equal(rounds, all.Count);
        Assert.Equal(rounds, all.Select(claim => claim.Run).Distinct().Count());
        Assert.All(all, claim => Assert.Equal(1, claim.Attempt));
    }

    [Fact]
    public async Task Claim_AnswerLost_SameClaimIdGetsTheSameToken()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        var leases = new LeaseStore(database.DataSource, s_lease);
        var claimId = Guid.CreateVersion7();

        var first = await leases.ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", claimId, CancellationToken.None);
        var again = await leases.ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", claimId, CancellationToken.None);
        var other = await leases.ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None);

        Assert.NotNull(first);
        Assert.Equal(first, again);
        Assert.Null(other);
    }

    [Fact]
    public async Task Claim_AnswerLostAndLeaseToo_GivesNothing()
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        var leases = new LeaseStore(database.DataSource, new LeaseSettings { Duration = TimeSpan.Zero });
        var claimId = Guid.CreateVersion7();
        Assert.NotNull(await leases.ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", claimId, CancellationToken.None));
        await leases.ExpireAsync(CancellationToken.None);
        await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Cancel, run, CancellationToken.None);

        // The number was good once. Whoever asks for it again so late must not work under it.
        Assert.Null(await leases.ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", claimId, CancellationToken.None));
    }

    [Theory]
    [InlineData("cancel_requested = true")]
    [InlineData("pause_requested = true")]
    [InlineData("waits_for = 1")]
    [InlineData("state = 'succeeded'")]
    public async Task Claim_RunThatIsNotToBeRun_GivesNothing(string condition)
    {
        await using var database = await server.CreateDatabaseAsync();
        var run = (await Experiments.SubmitAsync(database))[0];
        await using (var connection = await database.DataSource.OpenConnectionAsync())
            await connection.ExecuteAsync($"update runs set {condition} where id = @run", new { run });

        Assert.Null(
            await new LeaseStore(database.DataSource, s_lease)
            .ClaimAsync(run, Guid.CreateVersion7(), "host", "cpu", Guid.CreateVersion7(), CancellationToken.None));
    }
}
