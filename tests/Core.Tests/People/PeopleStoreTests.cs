using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;
using Dapper;

namespace ChangeDetection.Core.Tests.People;

[Needs(Resource.Database, Resource.Processes)]
public sealed class PeopleStoreTests(PostgresServer server)
{
    private static readonly Actor s_admin = new("maria", ActorMeans.Token, "192.0.2.7");

    [Fact]
    public async Task Token_OfAUser_IsKeptAsAHashAlone_AndNamesItsOwner()
    {
        await using var database = await server.CreateDatabaseAsync();
        await new UserStore(database.DataSource, s_admin).AddAsync("otto", UserRole.Operator, default);
        var tokens = new TokenStore(database.DataSource);
        var (secret, token) = (await tokens.CreateAsync("otto", "laptop", TimeSpan.FromDays(1), s_admin, default))!.Value;

        var owner = await tokens.FindBySecretAsync(secret, default);
        Assert.Equal((token.Id, "otto", UserRole.Operator), (owner!.Token, owner.User, owner.Role));
        Assert.NotNull((await tokens.ListAsync("otto", default)).Single().LastUsedAt);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var everything = string.Join('\n', await connection.QueryAsync<string>(
            "select access_tokens::text from access_tokens union all select audit::text from audit"));
        Assert.DoesNotContain(secret[4..], everything, StringComparison.Ordinal);
        Assert.Contains(AccessToken.Sha256(secret), everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("revoked")]
    [InlineData("expired")]
    [InlineData("of a user who was removed")]
    public async Task Token_ThatIsVoid_OpensNothing(string why)
    {
        await using var database = await server.CreateDatabaseAsync();
        var users = new UserStore(database.DataSource, s_admin);
        await users.AddAsync("otto", UserRole.Operator, default);
        var tokens = new TokenStore(database.DataSource);
        var (secret, token) = (await tokens.CreateAsync(
            "otto", null, why == "expired" ? TimeSpan.FromSeconds(-1) : TimeSpan.FromDays(1), s_admin, default))!.Value;
        if (why == "revoked")
            Assert.True(await tokens.RevokeAsync(token.Id, s_admin, default));
        if (why == "of a user who was removed")
            Assert.True(await users.RemoveAsync("otto", default));

        Assert.Null(await tokens.FindBySecretAsync(secret, default));
        Assert.Null(await tokens.FindAsync(token.Id, default));
    }

    [Fact]
    public async Task Acts_OfPeople_StandInTheLedgerOnce_AndRefusedOnesDoNot()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (users, tokens) = (new UserStore(database.DataSource, s_admin), new TokenStore(database.DataSource));
        Assert.True(await users.AddAsync("otto", UserRole.Viewer, default));
        Assert.False(await users.AddAsync("otto", UserRole.Admin, default));
        Assert.True(await users.SetRoleAsync("otto", UserRole.Operator, default));
        Assert.False(await users.SetRoleAsync("nobody", UserRole.Operator, default));
        Assert.Null(await tokens.CreateAsync("nobody", null, TimeSpan.FromDays(1), s_admin, default));
        var token = (await tokens.CreateAsync("otto", null, TimeSpan.FromDays(1), s_admin, default))!.Value.Token;
        Assert.True(await tokens.RevokeAsync(token.Id, s_admin, default));
        Assert.False(await tokens.RevokeAsync(token.Id, s_admin, default));
        Assert.True(await users.RemoveAsync("otto", default));

        var ledger = await new AuditStore(database.DataSource).ListAsync(null, null, 100, default);
        Assert.Equal(["user remove", "token revoke", "token create", "user role", "user add"], ledger.Select(entry => entry.Action));
        Assert.All(ledger, entry => Assert.Equal(("maria", true, "token", "192.0.2.7"), (entry.UserName, entry.Verified, entry.Means, entry.Address)));
    }

    [Fact]
    public async Task Run_HasItsUser_AndWhatIsDoneToItStandsInTheLedger()
    {
        await using var database = await server.CreateDatabaseAsync();
        var (run, experiment) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await new ExperimentStore(database.DataSource, s_admin).AddAsync(
            new Experiment { Id = experiment, Name = "mine", Config = "{}", Source = "", Digest = "" },
            [new PlannedRun(run, "mine", RunKind.Train, "{}", "", DeviceClass.Any, 5, null)], default);
        Assert.True((await new RunActionStore(database.DataSource, s_admin).ApplyAsync(RunAction.Pause, run, default))!.Granted);
        // Not granted anew, so not done anew.
        Assert.True((await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Pause, run, default))!.Granted);
        Assert.True((await new RunActionStore(database.DataSource).ApplyAsync(RunAction.Cancel, run, default))!.Granted);

        var found = (await new RunStore(database.DataSource).FindAsync(run, default))!;
        Assert.Equal(("maria", true), (found.UserName, found.UserVerified));
        var ledger = new AuditStore(database.DataSource);
        Assert.Equal(
            [("cancel", Environment.UserName, false), ("pause", "maria", true)],
            (await ledger.ListAsync(null, run.ToString(), 10, default)).Select(entry => (entry.Action, entry.UserName, entry.Verified)));
        Assert.Equal("submit", (await ledger.ListAsync("maria", experiment.ToString(), 10, default)).Single().Action);
    }

    [Fact]
    public async Task Drain_OfAWorker_StandsInTheLedger_WithTheAddressThatTheDatabaseSees()
    {
        await using var database = await server.CreateDatabaseAsync();
        var workers = new WorkerStore(database.DataSource);
        var worker = new WorkerRecord { Id = Guid.NewGuid(), Host = "altair", Pid = 1, Version = "test" };
        await workers.RegisterAsync(worker, default);
        Assert.True(await workers.RequestDrainAsync(worker.Id, Actor.OfAccount(), default));
        Assert.False(await workers.RequestDrainAsync(Guid.NewGuid(), Actor.OfAccount(), default));

        var entry = (await new AuditStore(database.DataSource).ListAsync(null, null, 10, default)).Single();
        Assert.Equal(("worker drain", worker.Id.ToString(), false, "account"), (entry.Action, entry.Object, entry.Verified, entry.Means));
        Assert.Equal("127.0.0.1", entry.Address);
    }

    [Fact]
    public async Task Line_OfAnActThatIsTakenBack_IsTakenBackWithIt()
    {
        await using var database = await server.CreateDatabaseAsync();
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await AuditStore.RecordAsync(connection, s_admin, "delete", "something", null, default);
        }
        Assert.Empty(await new AuditStore(database.DataSource).ListAsync(null, null, 10, default));
    }

    [Theory]
    [InlineData("maria", true)]
    [InlineData("m.mueller@example.org", true)]
    [InlineData("", false)]
    [InlineData("-maria", false)]
    [InlineData("maria\n", false)]
    [InlineData("ma ria", false)]
    public void IsName_IsTheRuleOfTheTable(string name, bool expected) => Assert.Equal(expected, UserStore.IsName(name));
}
