using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;
using ChangeDetection.Scheduler.Cli.People;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli.People;

/// <summary>The verbs about people, in this process; where the environment names a token, as a process.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class PeopleVerbTests(PostgresServer server) : IAsyncLifetime
{
    private const string StartupToken = "a-token-of-at-least-thirty-two-letters";

    private readonly TemporaryFolder _folder = new();
    private TestDatabase _database = null!;
    private OwnerLock _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await server.CreateDatabaseAsync();
        var folder = DataFolder.Open(_folder["data"]);
        _owner = OwnerLock.TryTake(folder, "up", TimeProvider.System)!;
        File.WriteAllText(folder.Cluster, "{}");
        new ConnectionFile(_database.ConnectionString, folder.StoreUri, new Uri("http://127.0.0.1:5080/"), Environment.ProcessId, StartupToken).Write(folder);
    }

    public async ValueTask DisposeAsync()
    {
        _owner.Dispose();
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Users_AndTheirTokens_ComeAndGo_AndTheLedgerKnowsIt()
    {
        Assert.Equal("maria: admin\n", (await RunAsync("user add maria --role admin")).Output);
        (await RunAsync("user add maria --role viewer")).Refused(2, "There is a user 'maria' already");
        (await RunAsync("user add ../maria --role viewer")).Refused(2, "cannot be a user's name");
        (await RunAsync("user add otto --role boss")).Refused(2, "--role");
        (await RunAsync("user role otto --role viewer")).Refused(2, "There is no user 'otto'");
        (await RunAsync("token create --user otto")).Refused(2, "There is no user 'otto'");
        (await RunAsync("token create --user maria --expires soon")).Refused(2, "'soon' is no time");

        var secret = (await RunAsync("token create --user maria --expires 12h --name laptop")).Output.TrimEnd();
        Assert.True(AccessToken.IsWellFormed(secret));
        var listed = await RunAsync("token list --json");
        Assert.DoesNotContain(secret, listed.Output);
        var token = listed.Json[0];
        Assert.Equal(("maria", "laptop", "valid"), (Text(token, "user"), Text(token, "name"), Text(token, "state")));

        // A verb that is shown the token is its user's.
        (await WithTokenAsync(secret, "user role maria --role operator")).Succeeded();
        (await RunAsync($"token revoke {secret}")).Refused(2, "not by the token itself");
        Assert.Equal(0, (await RunAsync($"token revoke {Text(token, "id")}")).Code);
        var refused = await WithTokenAsync(secret, "list");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("CHANGEDETECTION_TOKEN holds no valid token", refused.Errors);
        Assert.DoesNotContain(secret, refused.Errors);
        Assert.Equal(0, (await RunAsync("user remove maria")).Code);
        Assert.Empty((await RunAsync("user list --json")).Json.EnumerateArray());

        var ledger = (await RunAsync("audit --json")).Json.EnumerateArray()
            .Select(entry => (Text(entry, "action"), Text(entry, "user"), entry.GetProperty("verified").GetBoolean()));
        var me = Environment.UserName;
        Assert.Equal(
            [("user remove", me, false), ("token revoke", me, false), ("user role", "maria", true), ("token create", me, false), ("user add", me, false)],
            ledger);
    }

    [Fact]
    public async Task Dashboard_PrintsTheAddressThatSignsIn_AndSaysSoWhereNoSystemIsUp()
    {
        const string Address = $"http://127.0.0.1:5080/?token={StartupToken}";
        Assert.Equal($"{Address}\n", (await RunAsync("dashboard")).Output);
        Assert.Equal(Address, Text((await RunAsync("dashboard --json")).Json, "address"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["data/connection.json"]));
        (await VerbRun.OfAsync("dashboard", "--data-dir", _folder["none"])).Refused(2, "Start one with 'changedetection up'");
    }

    [Fact]
    public async Task Run_ThatIsSubmitted_IsItsUsersInEveryListing()
    {
        var run = (await Experiments.SubmitAsync(_database))[0];
        var listed = (await RunAsync("list --json")).Json[0];
        Assert.Equal((Environment.UserName, false), (Text(listed, "user"), listed.GetProperty("user_verified").GetBoolean()));
        Assert.Contains($"submitted by {Environment.UserName} (unverified)", (await RunAsync($"show {run}")).Output);
    }

    [Theory]
    [InlineData("90d", 90 * 24)]
    [InlineData("12h", 12)]
    [InlineData("8w", 8 * 7 * 24)]
    [InlineData("0d", null)]
    [InlineData("-1d", null)]
    [InlineData("3654d", null)]
    [InlineData("99999w", null)]
    [InlineData("100000d", null)]
    [InlineData("d", null)]
    [InlineData("1.5d", null)]
    [InlineData("1d\n", null)]
    public void Lifetime_IsAWholeNumberOfHoursDaysOrWeeks(string text, int? hours) =>
        Assert.Equal(hours is { } number ? TimeSpan.FromHours(number) : null, TokenLifetime.Parse(text));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private Task<VerbRun> RunAsync(string line) => VerbRun.OfAsync([.. line.Split(' '), "--data-dir", _folder["data"]]);

    private Task<CommandRun> WithTokenAsync(string token, string line) => CommandRun.OfAsync(
        [.. line.Split(' '), "--data-dir", _folder["data"]], new Dictionary<string, string?> { [AccessToken.Variable] = token });
}
