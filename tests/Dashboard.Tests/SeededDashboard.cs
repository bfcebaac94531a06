using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Storage;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.TestKit;
using Microsoft.AspNetCore.Builder;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>
/// A dashboard that listens on a loopback port, over a real database and store that hold <see cref="SeededRuns"/>. Tests that only look
/// share it; those that change something change what is theirs.
/// </summary>
public sealed class SeededDashboard : IAsyncLifetime
{
    private readonly PostgresServer _postgres = new();
    private readonly TemporaryFolder _folder = new();
    private TestDatabase? _database;
    private WebApplication? _app;

    public SeededRuns Runs { get; private set; } = null!;

    public TestDatabase Database => _database!;

    public WebApplication App => _app!;

    /// <summary>Another system's database, which holds nothing.</summary>
    public Task<TestDatabase> CreateDatabaseAsync() => _postgres.CreateDatabaseAsync();

    public Uri Address { get; private set; } = null!;

    /// <summary>Follows no redirect and keeps no cookie: a test says what it means.</summary>
    public HttpClient Client { get; private set; } = null!;

    public IObjectStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await _postgres.CreateDatabaseAsync();
        Store = new FileObjectStore(_folder["store"]);
        Runs = await SeededRuns.WriteAsync(_database, Store);
        await new RunQueue(_database.DataSource, HangfireSetup.CreateStorage(_database.ConnectionString)).EnqueueWaitingAsync(CancellationToken.None);
        _app = await Listening.StartAsync(
            new DashboardSettings { Database = _database.ConnectionString, Store = Store.Root, Port = 0 }, CancellationToken.None);
        Address = Listening.AddressOf(_app);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
    }

    public async ValueTask DisposeAsync()
    {
        // A start that failed is what the tests report; the cluster goes all the same.
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        await _postgres.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A page's HTML; fails the test where the page does.</summary>
    public async Task<string> PageAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode}\n{body}");
        return body;
    }
}
