using System.Net;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Live;
using ChangeDetection.Dashboard.Runs;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace ChangeDetection.Dashboard.Tests.Live;

[Needs(Resource.Database, Resource.Processes)]
public sealed class OutageTests
{
    private const string Token = "a-token-of-at-least-thirty-two-letters";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Database_ThatGoesAndComesBack_IsSaidSoAndFollowedAgain()
    {
        await using var postgres = new PostgresServer();
        await using var database = await postgres.CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using var app = await Listening.StartAsync(
            new DashboardSettings { Database = database.ConnectionString, Store = new Uri(folder["store"]), Port = 0, StartupToken = Token },
            CancellationToken.None);
        using var client = await DashboardSession.OpenAsync(DashboardAddress.Signed(Listening.AddressOf(app), Token));
        Assert.Contains("Nothing has been submitted yet", await client.GetStringAsync("/"));
        Snapshot<RunBoard>? shown = null;
        using var viewer = app.Services.GetRequiredService<Feed<RunBoard>>().Subscribe(snapshot => Volatile.Write(ref shown, snapshot));

        await postgres.CrashAsync();
        await Eventually.TrueAsync("the page says so", () => Task.FromResult(Volatile.Read(ref shown)?.Problem is not null), s_patience);
        using var refused = await client.GetAsync("/workers");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("The database does not answer", await refused.Content.ReadAsStringAsync());
        Assert.Equal("ok", await client.GetStringAsync("/healthz"));
        using var unready = await client.GetAsync("/readyz");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready"), (unready.StatusCode, await unready.Content.ReadAsStringAsync()));

        await postgres.StartAsync();
        await Eventually.TrueAsync("readiness", async () => (await client.GetAsync("/readyz")).IsSuccessStatusCode, s_patience);
        await Eventually.TrueAsync("the page follows again", () => Task.FromResult(Volatile.Read(ref shown)!.Problem is null), s_patience);
        await new ExperimentStore(database.DataSource).AddAsync(
            new Experiment { Id = Guid.CreateVersion7(), Name = "after the outage", Config = "{}", Source = "", Digest = "" },
            [new PlannedRun(Guid.CreateVersion7(), "after the outage", RunKind.Train, "{}", "", DeviceClass.Any, 5, null)], default);
        await Eventually.TrueAsync("the new run", () => Task.FromResult(Volatile.Read(ref shown)!.Value.Runs.Any()), s_patience);
        await app.StopAsync();
    }
}
