using ChangeDetection.Core.People;
using ChangeDetection.TestKit;
using Microsoft.Playwright;

namespace ChangeDetection.Dashboard.Tests.Browser;

[Needs(Resource.Browser, Resource.Database, Resource.Processes)]
public sealed class SignInPageTests(SeededDashboard dashboard, ChromiumBrowser chromium)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 400)]
    public async Task Page_LetsAUserIn_AndAsksAgainWhenTheTokenIsRevoked(ColorScheme scheme, int width)
    {
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Address, "/workers", scheme);
        var page = watched.Page;
        await page.SetViewportSizeAsync(width, 800);
        var field = page.GetByLabel("Access token");
        await Assertions.Expect(field).ToBeFocusedAsync();
        Assert.True(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0);
        await PagesInBrowserTests.PictureAsync(page, $"sign-in-{width}");
        await field.FillAsync("cdt_wrong");
        await field.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not valid");
        await PagesInBrowserTests.PictureAsync(page, $"sign-in-wrong-{width}");
        await field.FillAsync(user.Token);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();

        // The page that was asked for, live, without what a viewer may not do.
        await watched.LiveAsync();
        Assert.EndsWith("/workers", page.Url);
        await Assertions.Expect(page.GetByText("altair").First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Drain" })).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Hangfire" })).ToHaveCountAsync(0);
        await PagesInBrowserTests.PictureAsync(page, $"viewer-{width}");

        await new TokenStore(dashboard.Database.DataSource).RevokeAsync(user.TokenId, Actor.OfAccount(), default);
        await Assertions.Expect(page.GetByLabel("Access token")).ToBeVisibleAsync();
    }
}
