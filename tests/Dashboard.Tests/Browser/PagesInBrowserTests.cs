using ChangeDetection.TestKit;
using Microsoft.Playwright;

namespace ChangeDetection.Dashboard.Tests.Browser;

[Needs(Resource.Browser, Resource.Database, Resource.Processes)]
public sealed class PagesInBrowserTests(SeededDashboard dashboard, ChromiumBrowser chromium)
{
    /// <summary>A folder to put pictures of the pages in, for people to look at.</summary>
    private static readonly string? s_pictures = Environment.GetEnvironmentVariable("CHANGEDETECTION_SCREENSHOTS");

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task EveryPage_InEitherScheme_RendersWithoutComplaint(ColorScheme scheme)
    {
        var pages = new Dictionary<string, string>
        {
            ["runs"] = "/",
            ["run-trained"] = $"/runs/{dashboard.Runs.Trained}",
            ["run-running"] = $"/runs/{dashboard.Runs.Running}",
            ["run-evaluated"] = $"/runs/{dashboard.Runs.Evaluated}",
            ["run-failed"] = $"/runs/{dashboard.Runs.Failed}",
            ["queues"] = "/queues",
            ["workers"] = "/workers",
            ["audit"] = "/audit",
            ["hangfire"] = "/hangfire",
            ["hangfire-job"] = $"/hangfire/jobs/details/{await dashboard.Runs.QueueJobAsync(dashboard.Runs.NeedsGpu)}",
        };
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, "/", scheme);
        foreach (var (name, path) in pages)
        {
            await watched.Page.GotoAsync(path, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
            await Assertions.Expect(watched.Page.Locator("h1").First).ToBeVisibleAsync();
            if (await watched.Page.Locator("metric-chart").CountAsync() > 0)
                await Assertions.Expect(watched.Page.Locator("metric-chart path.line").First).ToBeVisibleAsync();
            if (name is not "audit" && !name.StartsWith("hangfire", StringComparison.Ordinal))
                await watched.LiveAsync();
            await PictureAsync(watched.Page, $"{name}-{scheme}");
        }
        watched.AssertCalm();
    }

    [Fact]
    public async Task Pages_OnANarrowScreen_DoNotScrollSideways()
    {
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, "/");
        await watched.Page.SetViewportSizeAsync(390, 800);
        foreach (var path in new[] { "/", $"/runs/{dashboard.Runs.Running}", $"/runs/{dashboard.Runs.Evaluated}", "/queues", "/workers" })
        {
            await watched.Page.GotoAsync(path);
            await watched.LiveAsync();
            var excess = await watched.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
            await PictureAsync(watched.Page, $"narrow{path.Replace('/', '-')}");
            Assert.True(excess <= 0, $"{path} is {excess} px too wide.");
        }
        watched.AssertCalm();
    }

    internal static async Task PictureAsync(IPage page, string name)
    {
        if (s_pictures is null)
            return;
        var path = Path.Combine(s_pictures, $"{name}.png".ToLowerInvariant());
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = true });
    }
}
