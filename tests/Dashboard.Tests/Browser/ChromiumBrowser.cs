using Microsoft.Playwright;

namespace ChangeDetection.Dashboard.Tests.Browser;

/// <summary>The system's Chromium, started once for all tests. Nothing is downloaded: where none is installed they are skipped.</summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The started browser; skips the test, with the reason, where there is none.</summary>
    public IBrowser Browser
    {
        get
        {
            if (_browser is null)
                Assert.Skip("No Chromium is installed (apt-get install chromium).");
            return _browser;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (s_places.FirstOrDefault(File.Exists) is not { } executable)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,
            Headless = true,
            Args =
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
