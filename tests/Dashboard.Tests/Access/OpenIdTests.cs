using System.Net;
using System.Text.RegularExpressions;
using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Objects;

namespace ChangeDetection.Dashboard.Tests.Access;

/// <summary>Sign-in at a provider, as a browser goes through it: to the provider, through its forms, and back.</summary>
[Needs(Resource.Database, Resource.Processes, Resource.StorageServer)]
public sealed partial class OpenIdTests(SeededDashboard dashboard)
{
    private const string Secret = "the-secret-of-the-client";

    [Fact]
    public async Task SignIn_AtAProvider_GivesTheRoleOfTheGroup_AndRefusesWhoHasNone()
    {
        await using var provider = await OpenIdServer.StartOrSkipAsync(Secret);
        await using var app = await Listening.StartAsync(dashboard.Settings() with { OpenId = SettingsFor(provider.Address) }, CancellationToken.None);
        var address = Listening.AddressOf(app);

        var (status, page) = await SignInAsync(address, "maria");
        Assert.Equal((HttpStatusCode.OK, """{"user":"maria","role":"admin"}"""), (status, page));
        (status, page) = await SignInAsync(address, "otto");
        Assert.Equal((HttpStatusCode.OK, """{"user":"otto","role":"viewer"}"""), (status, page));
        (status, page) = await SignInAsync(address, "stranger");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("stranger has no role here", page);

        var entry = (await new AuditStore(dashboard.Database.DataSource).ListAsync("maria", null, 1, default)).Single();
        Assert.Equal(("sign-in", "openid", true), (entry.Action, entry.Means, entry.Verified));
        await app.StopAsync();
    }

    [Fact]
    public async Task Callback_ThatNobodyAskedFor_SignsNobodyIn()
    {
        await using var app = await Listening.StartAsync(
            dashboard.Settings() with { OpenId = SettingsFor(new Uri("http://127.0.0.1:1/")) }, CancellationToken.None);
        using var client = new HttpClient(DashboardSession.Plain());
        using var response = await client.GetAsync(new Uri(Listening.AddressOf(app), "/sign-in/openid/callback?code=x&state=y"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        await app.StopAsync();
    }

    private static OpenIdSettings SettingsFor(Uri authority) => new(
        authority, OpenIdServer.ClientId, Secret, "preferred_username", "groups", ["openid", "profile"],
        new Dictionary<UserRole, IReadOnlySet<string>>
        {
            [UserRole.Viewer] = new HashSet<string> { "lab" },
            [UserRole.Admin] = new HashSet<string> { "lab-admins" },
        });

    /// <summary>Follows the links and fills in the forms; then asks who it is, or shows the page that refused it.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> SignInAsync(Uri address, string user)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() });
        browser.DefaultRequestHeaders.Add("Accept", "text/html");
        var shown = await browser.GetAsync(new Uri(address, "/sign-in/openid?return=/session"));
        for (var form = 0; form < 3 && Prompt().Match(await shown.Content.ReadAsStringAsync()) is { Success: true } prompt; form++)
        {
            shown = await browser.PostAsync(shown.RequestMessage!.RequestUri, new FormUrlEncodedContent(
                [new("prompt", prompt.Groups[1].Value), new("login", user), new("password", "any")]));
        }
        return (shown.StatusCode, await shown.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("name=\"prompt\" value=\"([a-z]+)\"")]
    private static partial Regex Prompt();
}
