using System.Net;
using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Access;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.TestKit;

namespace ChangeDetection.Dashboard.Tests.Access;

/// <summary>The address that is printed at the start, and what it opens.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class StartupTokenTests(SeededDashboard dashboard)
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/?q=fc&state=failed", "/?q=fc&state=failed")]
    [InlineData("/queues", "/queues")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/%5cevil.example/", "/%5Cevil.example/")]
    public async Task Address_WithTheToken_SignsIn_AndLeadsToTheSamePlaceWithoutIt(string path, string expected)
    {
        using var response = await dashboard.Stranger.GetAsync(
            new Uri($"{dashboard.Address.GetLeftPart(UriPartial.Authority)}{path}{(path.Contains('?') ? '&' : '?')}token={dashboard.StartupToken}"));

        Assert.Equal((HttpStatusCode.Redirect, expected), (response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.True(response.Headers.CacheControl!.NoStore);
        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith($"changedetection-{dashboard.Address.Port}=", cookie);
        Assert.Contains("; httponly", cookie);
        Assert.Contains("; samesite=lax", cookie);
        Assert.DoesNotContain(dashboard.StartupToken, cookie);
    }

    [Fact]
    public async Task Address_WithAnotherToken_IsCleanedToo_AndSignsNobodyIn()
    {
        var user = await dashboard.AddUserAsync(UserRole.Admin);
        foreach (var token in new[] { AccessToken.Create(), "", user.Token })
        {
            using var response = await dashboard.Stranger.GetAsync($"/?token={token}");
            Assert.Equal((HttpStatusCode.Redirect, "/"), (response.StatusCode, response.Headers.Location?.OriginalString));
            Assert.False(response.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task Cookie_OpensADashboardThatWasStartedAgainWithTheSameToken_AndNoneWithAnother()
    {
        var cookie = await DashboardSession.CookieAsync(dashboard.Entry);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(dashboard.Settings(), cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(dashboard.Settings() with { StartupToken = AccessToken.Create() }, cookie));
        // Behind a proxy everybody comes from where it is: the token of one machine's users opens nothing there.
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(
            dashboard.Settings() with { TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")], Hosts = ["changes.example.org"] },
            cookie, ("X-Forwarded-Proto", "https")));
    }

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("::1", null, true)]
    [InlineData("0.0.0.0", null, false)]
    [InlineData("127.0.0.1", "10.0.0.0/8", false)]
    public void Token_WhereOthersThanTheMachinesUsersCome_OpensNothing(string address, string? proxy, bool opens)
    {
        var token = new StartupToken(new DashboardSettings
        {
            Database = "Host=db",
            Store = new Uri("file:///store"),
            Address = IPAddress.Parse(address),
            TrustedProxies = proxy is null ? [] : [IPNetwork.Parse(proxy)],
            StartupToken = dashboard.StartupToken,
        });
        Assert.Equal((opens, opens), (token.Exists, token.Matches(dashboard.StartupToken)));
        Assert.False(token.Matches(AccessToken.Create()));
        Assert.False(token.Matches(null));
    }

    [Fact]
    public async Task Token_IsInNoLogAndNotInTheLedger()
    {
        var environment = new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = dashboard.Database.ConnectionString,
            ["CHANGEDETECTION_STORE"] = dashboard.Store.Root.AbsoluteUri,
            [DashboardAddress.TokenVariable] = dashboard.StartupToken,
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
        };
        await using var program = RunningProgram.Start(Core.Hosting.Executables.Dashboard, ["--port", "0"], environment);
        var line = await program.LineAsync("dashboard: ", TimeSpan.FromMinutes(1));
        var (address, takesToken) = DashboardAddress.Read(line)!.Value;
        Assert.True(takesToken);
        using var client = await DashboardSession.OpenAsync(DashboardAddress.Signed(address, dashboard.StartupToken));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/nowhere")).StatusCode);
        program.Terminate();
        Assert.Equal(0, await program.ExitAsync(TimeSpan.FromMinutes(1)));

        Assert.DoesNotContain(dashboard.StartupToken, program.Text);
        var ledger = await new AuditStore(dashboard.Database.DataSource).ListAsync(Environment.UserName, null, 1000, default);
        var entry = ledger.First(one => one.Action == "sign-in");
        Assert.Equal(("start-up token", true, "127.0.0.1"), (entry.Means, entry.Verified, entry.Address));
    }

    /// <summary>Another dashboard on the same database, asked with a cookie of the first under the name that its own port gives.</summary>
    private static async Task<HttpStatusCode> AskAsync(DashboardSettings settings, string cookie, params (string Name, string Value)[] headers)
    {
        await using var app = await Listening.StartAsync(settings, CancellationToken.None);
        var address = new Uri(app.Urls.Single());
        var secure = headers.Length > 0;
        using var client = new HttpClient(DashboardSession.Plain());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/session"));
        request.Headers.Add("Cookie", $"{(secure ? "__Host-" : "")}changedetection-{address.Port}={cookie.Split('=', 2)[1]}");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await client.SendAsync(request);
        await app.StopAsync();
        return response.StatusCode;
    }
}
