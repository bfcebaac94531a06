using Microsoft.Playwright;

namespace ChangeDetection.Dashboard.Tests.Browser;

/// <summary>
/// The system's Chromium, started once, by the first test that needs it. Nothing is downloaded: where none is installed those tests are skipped.
/// </summary>
public sealed class ChromiumBrowser : IAsyncDisposable
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"];

    private readonly SemaphoreSlim _gate = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The started browser; skips the test, with the reason, where there is none.</summary>
    public async Task<IBrowser> StartOrSkipAsync()
    {
        var executable = s_places.FirstOrDefault(File.Exists);
        if (executable is null)
            Assert.Skip("No Chromium is installed (apt-get install chromium).");
        await _gate.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
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
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _gate.Dispose();
    }
}
