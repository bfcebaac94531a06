using System.Net.Http.Headers;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Storage;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.TestKit;
using Microsoft.AspNetCore.Builder;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>
/// A dashboard that listens on a loopback port, over a real database and store that hold <see cref="SeededRuns"/>; started by the first test that looks at it.
/// Tests that only look share it; those that change something change what is theirs.
/// </summary>
public sealed class SeededDashboard : IAsyncDisposable
{
    private readonly PostgresServer _postgres = new();
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Parts> _parts;

    // Tests ask in the middle of an expression, and all of them wait for the same start.
    public SeededDashboard() => _parts = new Lazy<Parts>(() => Task.Run(StartAsync).GetAwaiter().GetResult());

    public SeededRuns Runs => _parts.Value.Runs;

    public TestDatabase Database => _parts.Value.Database;

    /// <summary>Another system's database, which holds nothing.</summary>
    public Task<TestDatabase> CreateDatabaseAsync() => _postgres.CreateDatabaseAsync();

    public WebApplication App => _parts.Value.App;

    public Uri Address => Listening.AddressOf(App);

    /// <summary>The address as it is printed, which signs its reader in.</summary>
    public Uri Entry => DashboardAddress.Signed(Address, StartupToken);

    /// <summary>Signed in by the start-up token. Follows no redirect and keeps no other cookie: a test says what it means.</summary>
    public HttpClient Client => _parts.Value.Client;

    /// <summary>Signed in by nothing.</summary>
    public HttpClient Stranger => _parts.Value.Stranger;

    public string StartupToken { get; } = AccessToken.Create();

    public IObjectStore Store => _parts.Value.Store;

    public async ValueTask DisposeAsync()
    {
        if (_parts.IsValueCreated)
        {
            Client.Dispose();
            Stranger.Dispose();
            await App.StopAsync();
            await App.DisposeAsync();
        }
        // A start that failed is what the tests report; the cluster goes all the same.
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

    private async Task<Parts> StartAsync()
    {
        var database = await _postgres.CreateDatabaseAsync();
        var store = new FileObjectStore(_folder["store"]);
        var runs = await SeededRuns.WriteAsync(database, store);
        await new RunQueue(database.DataSource, HangfireSetup.CreateStorage(database.ConnectionString)).EnqueueWaitingAsync(CancellationToken.None);
        var app = await Listening.StartAsync(Settings(database, store), CancellationToken.None);
        var address = Listening.AddressOf(app);
        var client = await DashboardSession.OpenAsync(DashboardAddress.Signed(address, StartupToken));
        return new Parts(database, store, runs, app, client, new HttpClient(DashboardSession.Plain()) { BaseAddress = address });
    }

    /// <summary>Of this dashboard, or of another one beside it.</summary>
    public DashboardSettings Settings() => Settings(Database, Store);

    private DashboardSettings Settings(TestDatabase database, IObjectStore store) => new()
    {
        Database = database.ConnectionString,
        Store = store.Root,
        Port = 0,
        StartupToken = StartupToken,
        SessionCheckEvery = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>A new user with a token.</summary>
    public async Task<(string Name, string Token, Guid TokenId)> AddUserAsync(UserRole role, TimeSpan? lifetime = null)
    {
        var name = $"{role.Word()}-{Guid.NewGuid():N}";
        await new UserStore(Database.DataSource, Actor.OfAccount()).AddAsync(name, role, default);
        var (secret, token) = (await new TokenStore(Database.DataSource).CreateAsync(
            name, null, lifetime ?? TimeSpan.FromDays(1), Actor.OfAccount(), default))!.Value;
        return (name, secret, token.Id);
    }

    /// <summary>A program that shows a token with each request.</summary>
    public HttpClient Program(string token) => new(DashboardSession.Plain())
    {
        BaseAddress = Address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    private sealed record Parts(TestDatabase Database, IObjectStore Store, SeededRuns Runs, WebApplication App, HttpClient Client, HttpClient Stranger);
}
