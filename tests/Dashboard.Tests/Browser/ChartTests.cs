using System.Globalization;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Microsoft.Playwright;

namespace ChangeDetection.Dashboard.Tests.Browser;

[Needs(Resource.Browser, Resource.Database, Resource.Processes)]
public sealed class ChartTests(SeededDashboard dashboard, ChromiumBrowser chromium)
{
    [Fact]
    public async Task Hover_OnAPoint_ShowsTheExactValueOfEverySeries()
    {
        await using var watched = await OpenAsync();
        var chart = watched.Page.Locator("metric-chart[label='Change class']");
        var box = (await chart.Locator(".area").BoundingBoxAsync())!;

        // The last step stands at the right edge.
        await watched.Page.Mouse.MoveAsync(box.X + box.Width - 11, box.Y + 100);

        var tip = chart.Locator(".tip");
        await Assertions.Expect(tip).ToBeVisibleAsync();
        await Assertions.Expect(tip.Locator(".head")).ToHaveTextAsync("step 1,410 · epoch 30");
        var shown = await tip.Locator(".row", new LocatorLocatorOptions { HasText = "val/f1" }).Locator("b").InnerTextAsync();
        Assert.Equal(dashboard.Runs.LastValF1, Number(shown));
        await Assertions.Expect(tip.Locator(".row")).ToHaveCountAsync(4);
        watched.AssertCalm();
    }

    [Fact]
    public async Task Drag_OverAPart_ZoomsIntoItAndDoubleClickLeavesIt()
    {
        await using var watched = await OpenAsync();
        var chart = watched.Page.Locator("metric-chart[label='Loss']");
        var box = (await chart.Locator(".area").BoundingBoxAsync())!;
        var everything = await StepsAsync(chart);

        await watched.Page.Mouse.MoveAsync(box.X + box.Width * 0.5f, box.Y + 80);
        await watched.Page.Mouse.DownAsync();
        await watched.Page.Mouse.MoveAsync(box.X + box.Width * 0.7f, box.Y + 90, new MouseMoveOptions { Steps = 4 });
        await Assertions.Expect(chart.Locator(".selection")).ToBeVisibleAsync();
        await watched.Page.Mouse.UpAsync();

        await Assertions.Expect(chart.GetByText("Show all")).ToBeVisibleAsync();
        var zoomed = await StepsAsync(chart);
        Assert.NotEqual(everything, zoomed);
        Assert.True(zoomed.Min() > everything.Min() && zoomed.Max() < everything.Max(), string.Join(' ', zoomed));

        await chart.Locator(".area").DblClickAsync(new LocatorDblClickOptions { Position = new Position { X = 200, Y = 60 } });
        await Assertions.Expect(chart.GetByText("Show all")).ToBeHiddenAsync();
        Assert.Equal(everything, await StepsAsync(chart));
        watched.AssertCalm();
    }

    [Fact]
    public async Task Keyboard_OnAChart_ReadsZoomsAndSwitchesTheScale()
    {
        await using var watched = await OpenAsync();
        var chart = watched.Page.Locator("metric-chart[label='Loss']");
        var linear = await chart.Locator("path.line").First.GetAttributeAsync("d");
        await chart.Locator(".area").FocusAsync();

        await watched.Page.Keyboard.PressAsync("End");
        await Assertions.Expect(chart.Locator(".head")).ToContainTextAsync("step 1,410");
        await watched.Page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(chart.Locator(".head")).ToContainTextAsync("step 1,409");
        // Validation has no point at this step: the newest one before it is named with its own step.
        await Assertions.Expect(chart.Locator(".row i")).ToHaveTextAsync("of step 1,363");
        await watched.Page.Keyboard.PressAsync("+");
        await Assertions.Expect(chart.GetByText("Show all")).ToBeVisibleAsync();
        await watched.Page.Keyboard.PressAsync("0");
        await Assertions.Expect(chart.GetByText("Show all")).ToBeHiddenAsync();

        await chart.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "log", Exact = true }).PressAsync("Enter");
        await Assertions.Expect(chart.Locator("path.line").First).Not.ToHaveAttributeAsync("d", linear!);
        await chart.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "val/loss" }).PressAsync("Enter");
        await Assertions.Expect(chart.Locator("path.line")).ToHaveCountAsync(1);
        watched.AssertCalm();
    }

    [Fact]
    public async Task NewPoints_OfARunningRun_AppearWithoutReload()
    {
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, $"/runs/{dashboard.Runs.Running}");
        var line = watched.Page.Locator("metric-chart[label='Agreement'] path[data-series='val/kappa']");
        await watched.LiveAsync();
        await Assertions.Expect(line).ToBeVisibleAsync();
        var before = await line.GetAttributeAsync("d");
        await watched.Page.EvaluateAsync("() => window.untouched = true");

        await dashboard.Runs.WriteAsync(dashboard.Runs.RunningClaim, fence => MetricStore.AddAsync(fence, [new("val/kappa", 611, 12, 0.9)], default));

        await Assertions.Expect(line).Not.ToHaveAttributeAsync("d", before!);
        Assert.True(await watched.Page.EvaluateAsync<bool>("() => window.untouched"));
        watched.AssertCalm();
    }

    private async Task<WatchedPage> OpenAsync()
    {
        var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, $"/runs/{dashboard.Runs.Trained}");
        await watched.LiveAsync();
        await Assertions.Expect(watched.Page.Locator("metric-chart[label='Change class'] path.line")).ToHaveCountAsync(4);
        await Assertions.Expect(watched.Page.Locator("metric-chart[label='Loss'] path.line")).ToHaveCountAsync(2);
        return watched;
    }

    private static async Task<List<double>> StepsAsync(ILocator chart) =>
        (await chart.Locator("text.step").AllTextContentsAsync())
            .Select(text => text.EndsWith('k') ? 1000 * Number(text[..^2]) : Number(text)).ToList();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
