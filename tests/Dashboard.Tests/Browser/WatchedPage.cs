using Microsoft.Playwright;

namespace ChangeDetection.Dashboard.Tests.Browser;

/// <summary>A page whose complaints are kept: console errors (violations of the policy too), exceptions, requests to other hosts.</summary>
internal sealed class WatchedPage(IBrowserContext context, IPage page) : IAsyncDisposable
{
    /// <summary>Bounds a wait on a machine under load; Playwright's own five seconds for an expectation were not enough there.</summary>
    private const float LimitMs = 60_000;

    private readonly List<string> _complaints = [];

    static WatchedPage() => Assertions.SetDefaultExpectTimeout(LimitMs);

    public IPage Page => page;

    /// <param name="address">The dashboard's; with its token, its reader is signed in first.</param>
    public static async Task<WatchedPage> OpenAsync(ChromiumBrowser chromium, Uri address, string path, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await (await chromium.StartOrSkipAsync()).NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.GetLeftPart(UriPartial.Authority),
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = 1440, Height = 900 },
        });
        context.SetDefaultTimeout(LimitMs);
        var watched = new WatchedPage(context, await context.NewPageAsync());
        watched.Listen(address);
        if (address.Query.Length > 0)
            await watched.Page.GotoAsync(address.AbsoluteUri);
        await watched.Page.GotoAsync(path);
        return watched;
    }

    /// <summary>Fails the test with what the page complained of.</summary>
    public void AssertCalm() => Assert.True(_complaints.Count == 0, string.Join('\n', _complaints));

    /// <summary>Waits until the live part of the page has taken over from what was rendered with it.</summary>
    public Task LiveAsync() => Assertions.Expect(page.Locator(".live")).ToBeVisibleAsync();

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private void Listen(Uri address)
    {
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Add($"{page.Url}: {message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _complaints.Add($"{page.Url}: {error}");
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: not "data" } target && target.Authority != address.Authority)
                _complaints.Add($"{page.Url} asked another host: {request.Url}");
        };
    }
}
