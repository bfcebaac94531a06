using System.Net;
using System.Net.WebSockets;
using System.Text;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Access;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.TestKit;

namespace ChangeDetection.Dashboard.Tests.Access;

/// <summary>Users' tokens: in the page to sign in on, and in the header of programs.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class SignInTests(SeededDashboard dashboard)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Page_AtTheAddressThatWasAskedFor_SignsInAndLeadsBackThere()
    {
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/queues?x=%3Cb%3E") { Headers = { { "Accept", "text/html" } } };
        using var page = await dashboard.Stranger.SendAsync(asked);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, page.StatusCode);
        Assert.Contains("name=\"return\" value=\"/queues?x=%3Cb%3E\"", html);
        // All that it shows is in it: nothing else would be let through.
        Assert.DoesNotContain("src=", html);
        Assert.DoesNotContain("stylesheet", html);
        Assert.Matches("^default-src 'none'; style-src 'sha256-[^']+'; img-src data:;", page.Headers.GetValues("Content-Security-Policy").Single());

        using var signedIn = await PageForm.PostAsync(dashboard.Stranger, "/queues", "/sign-in", ("token", user.Token), ("return", "/queues"));
        Assert.Equal((HttpStatusCode.Redirect, "/queues"), (signedIn.StatusCode, signedIn.Headers.Location?.OriginalString));
        using var client = WithCookie(signedIn);
        Assert.Equal($$"""{"user":"{{user.Name}}","role":"viewer"}""", await client.GetStringAsync("/session"));

        using var signedOut = await PageForm.PostAsync(client, "/queues", "/sign-out");
        Assert.Equal(HttpStatusCode.Redirect, signedOut.StatusCode);
        var taken = $"changedetection-{dashboard.Address.Port}=;";
        Assert.Contains(signedOut.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith(taken, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("queues")]
    public async Task Return_ToAnotherPlace_LeadsToTheFrontPage(string back)
    {
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        using var response = await PageForm.PostAsync(dashboard.Stranger, "/", "/sign-in", ("token", user.Token), ("return", back));

        Assert.Equal("/", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task SignIn_WithoutTheTokenOfItsPage_OrWithAnotherSitesPage_IsRefused()
    {
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        using var form = new FormUrlEncodedContent([new("token", user.Token)]);
        using var without = await dashboard.Stranger.PostAsync("/sign-in", form);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent([new("token", user.Token)]) };
        request.Headers.Add("Origin", "http://evil.example");
        using var foreign = await dashboard.Stranger.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task Program_WithATokenInTheHeader_ReadsAndActs_AndTheRunKnowsByWhom()
    {
        var user = await dashboard.AddUserAsync(UserRole.Operator);
        using var program = dashboard.Program(user.Token);
        var run = (await Experiments.SubmitAsync(dashboard.Database))[0];
        Assert.StartsWith("name,step", await program.GetStringAsync($"/runs/{dashboard.Runs.Trained}/metrics.csv"));
        using var response = await program.PostAsync($"/runs/{run}/pause", null);

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(RunState.Paused, (await new RunStore(dashboard.Database.DataSource).FindAsync(run, default))!.State);
        var entry = (await new AuditStore(dashboard.Database.DataSource).ListAsync(null, run.ToString(), 1, default)).Single();
        Assert.Equal((user.Name, true, "token", "127.0.0.1", "pause"), (entry.UserName, entry.Verified, entry.Means, entry.Address, entry.Action));
    }

    /// <summary>The header decides alone: a wrong one is not mended by the cookie of the browser that another site's page uses.</summary>
    [Fact]
    public async Task Header_ThatIsWrong_IsNotMendedByACookie()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/session") { Headers = { { "Authorization", "Basic eDp5" } } };
        using var response = await dashboard.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Role_ThatIsChanged_CountsForASessionThatIsOpen()
    {
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        using var client = WithCookie(await PageForm.PostAsync(dashboard.Stranger, "/", "/sign-in", ("token", user.Token)));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/audit")).StatusCode);

        await new UserStore(dashboard.Database.DataSource, Actor.OfAccount()).SetRoleAsync(user.Name, UserRole.Admin, default);

        await Eventually.TrueAsync("the new role", async () => (await client.GetAsync("/audit")).StatusCode == HttpStatusCode.OK, s_patience);
    }

    [Fact]
    public async Task LiveConnection_OfATokenThatIsRevoked_Ends()
    {
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        using var signedIn = await PageForm.PostAsync(dashboard.Stranger, "/", "/sign-in", ("token", user.Token));
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", Cookie(signedIn));
        socket.Options.SetRequestHeader("Origin", dashboard.Address.GetLeftPart(UriPartial.Authority));
        await socket.ConnectAsync(new UriBuilder(dashboard.Address) { Scheme = "ws", Path = "/_blazor" }.Uri, CancellationToken.None);
        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, default);
        var greeting = await socket.ReceiveAsync(new byte[1024], CancellationToken.None);
        Assert.True(greeting.Count > 0);
        Assert.Equal(WebSocketState.Open, socket.State);

        await new TokenStore(dashboard.Database.DataSource).RevokeAsync(user.TokenId, Actor.OfAccount(), default);

        await Assert.ThrowsAsync<WebSocketException>(() => UntilClosedAsync(socket)).WaitAsync(s_patience);
    }

    [Fact]
    public async Task WrongTokens_TooMany_AreNoLongerLookedUp_AndAKnownTokenAndTheStartupTokenStillOpen()
    {
        await using var app = await Listening.StartAsync(dashboard.Settings() with { SessionCheckEvery = TimeSpan.FromMinutes(5) }, CancellationToken.None);
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(user.Token));
        for (var time = 0; time < SignInLimiter.PerAddress; time++)
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(AccessToken.Create()));

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(AccessToken.Create()));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync((await dashboard.AddUserAsync(UserRole.Viewer)).Token));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(user.Token));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(dashboard.StartupToken));
        await app.StopAsync();

        async Task<HttpStatusCode> AskAsync(string token)
        {
            using var client = new HttpClient { DefaultRequestHeaders = { { "Authorization", $"Bearer {token}" } } };
            using var response = await client.GetAsync(new Uri(Listening.AddressOf(app), "/session"));
            return response.StatusCode;
        }
    }

    private HttpClient WithCookie(HttpResponseMessage signedIn) => DashboardSession.Of(dashboard.Address, Cookie(signedIn));

    private string Cookie(HttpResponseMessage signedIn) => signedIn.Headers.GetValues("Set-Cookie")
        .Single(cookie => cookie.StartsWith($"changedetection-{dashboard.Address.Port}=", StringComparison.Ordinal)).Split(';')[0];

    private static async Task UntilClosedAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1024];
        while (socket.State == WebSocketState.Open)
            await socket.ReceiveAsync(buffer, CancellationToken.None);
        throw new WebSocketException("closed");
    }
}
