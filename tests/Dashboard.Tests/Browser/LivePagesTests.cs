using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using Microsoft.Playwright;

namespace ChangeDetection.Dashboard.Tests.Browser;

[Needs(Resource.Browser, Resource.Database, Resource.Processes)]
public sealed class LivePagesTests(SeededDashboard dashboard, ChromiumBrowser chromium)
{
    [Fact]
    public async Task Runs_WhenOneIsSubmittedAndCancelled_FollowWithoutReload()
    {
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, "/");
        await watched.Page.EvaluateAsync("() => window.untouched = true");
        var id = Guid.CreateVersion7();
        await new ExperimentStore(dashboard.Database.DataSource).AddAsync(
            new Experiment { Id = Guid.CreateVersion7(), Name = "submitted-while-you-watch", Config = "{}", Source = "", Digest = "other" },
            [new PlannedRun(id, "submitted-while-you-watch", RunKind.Train, "{}", "other", DeviceClass.Any, 1, null)], default);

        var row = watched.Page.Locator("tr.run", new PageLocatorOptions { HasText = "submitted-while-you-watch" });
        await Assertions.Expect(row.Locator(".badge")).ToHaveTextAsync("queued");
        await new RunActionStore(dashboard.Database.DataSource).ApplyAsync(RunAction.Cancel, id, default);
        await Assertions.Expect(row.Locator(".badge")).ToHaveTextAsync("cancelled");

        Assert.True(await watched.Page.EvaluateAsync<bool>("() => window.untouched"));
        watched.AssertCalm();
    }

    [Fact]
    public async Task Filter_ByTextAndState_NarrowsAsOneTypes()
    {
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, "/");
        var rows = watched.Page.Locator("tr.run");
        var search = watched.Page.GetByRole(AriaRole.Searchbox);

        await watched.LiveAsync();
        await search.FillAsync("fc-siam");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await search.FillAsync("");
        await watched.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "failed" }).ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows.First).ToContainTextAsync("the loss is NaN");
        watched.AssertCalm();
    }

    [Fact]
    public async Task Picture_Clicked_IsEnlargedAndEscapeClosesIt()
    {
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, $"/runs/{dashboard.Runs.Evaluated}");
        var dialog = watched.Page.GetByRole(AriaRole.Dialog);
        await watched.LiveAsync();

        await watched.Page.Locator("picture-gallery a").First.FocusAsync();
        await watched.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(dialog).ToContainTextAsync("sample-0000 · f1 0.4100 (1 of 6)");
        await watched.Page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(dialog).ToContainTextAsync("sample-0001");
        await watched.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(dialog).ToBeHiddenAsync();
        watched.AssertCalm();
    }

    [Fact]
    public async Task Cancel_OnTheRunsPage_AsksOnceAndCancels()
    {
        var id = Guid.CreateVersion7();
        await new ExperimentStore(dashboard.Database.DataSource).AddAsync(
            new Experiment { Id = Guid.CreateVersion7(), Name = "to-be-cancelled", Config = "{}", Source = "", Digest = "other" },
            [new PlannedRun(id, "to-be-cancelled", RunKind.Train, "{}", "other", DeviceClass.Any, 1, null)], default);
        await using var watched = await WatchedPage.OpenAsync(chromium, dashboard.Entry, $"/runs/{id}");

        await watched.LiveAsync();
        await watched.Page.GetByText("Cancel run").ClickAsync();
        await watched.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Cancel this run" }).ClickAsync();

        await Assertions.Expect(watched.Page.Locator(".title .badge").First).ToHaveTextAsync("cancelled");
        await Assertions.Expect(watched.Page.Locator(".why")).ToContainTextAsync("cancelled by the user");
        watched.AssertCalm();
    }
}
