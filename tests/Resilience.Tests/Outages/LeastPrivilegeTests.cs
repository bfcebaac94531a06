using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Databases;

namespace ChangeDetection.Resilience.Tests.Outages;

/// <summary>Scheduler, worker, dashboard and a person's command line, each as the role that deploy/postgres has for it: runs are trained and steered.</summary>
[Collection(nameof(SystemApart))]
public sealed class LeastPrivilegeTests(SystemApart apart)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Processes_EachWithTheRoleThatIsForIt_DoAllTheirWork()
    {
        await using var database = await apart.Postgres.CreateEmptyDatabaseAsync();
        await using var system = await SystemUnderTest.PrepareApartAsync(apart.Postgres);
        await using var roles = await LeastPrivilege.GrantAsync(apart.Postgres, database);
        await system.ReachByAsync(roles.ConnectionString("client"));
        Dictionary<string, string?> As(string role) => new() { ["CHANGEDETECTION_DATABASE"] = roles.ConnectionString(role) };
        await using var serve = RunningProgram.Start(
            Executables.Scheduler, ["serve", "--no-migrate"], new Dictionary<string, string?>(As("scheduler"))
            {
                ["CHANGEDETECTION_STORE"] = system.Store.AbsoluteUri,
                ["CHANGEDETECTION_RETENTION__EVERY"] = "00:00:01",
                ["CHANGEDETECTION_RETENTION__GRACE"] = "00:00:00",
            });
        await using var worker = system.StartWorker(["--slots", "cpu"], As("worker"));
        await using var dashboard = RunningProgram.Start(Executables.Dashboard, ["--port", "0"], new Dictionary<string, string?>(As("dashboard"))
        {
            ["CHANGEDETECTION_STORE"] = system.Store.AbsoluteUri,
        });
        await serve.LineAsync("scheduler: ready", SystemApart.Limit);
        await worker.LineAsync("is ready", SystemApart.Limit);

        // By the command line, whose data set is recorded, with an evaluation that waits, and checkpoints that are retired and collected.
        var runs = await system.SubmitByCliAsync("privileged", epochs: 5, evaluate: true);
        foreach (var run in runs)
            await system.SucceededAsync(run, SystemApart.Limit);
        var paused = (await system.SubmitAsync("steered", epochs: 1))[0];
        (await system.CliAsync("cancel", $"{paused}")).Succeeded();
        (await system.CliAsync("list")).Succeeded();
        (await system.CliAsync("show", $"{runs[0]}")).Succeeded();

        var address = new Uri((await dashboard.LineAsync("dashboard: ", s_soon))["dashboard: ".Length..]);
        using var client = new HttpClient { BaseAddress = address };
        foreach (var page in new[] { "", $"runs/{runs[0]}", "workers", "queues", "hangfire" })
            Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync(new Uri(page, UriKind.Relative))).StatusCode);
        using var workers = JsonDocument.Parse((await system.CliAsync("worker", "list", "--json")).Succeeded());
        (await system.CliAsync("worker", "drain", workers.RootElement[0].GetProperty("id").GetString()!)).Succeeded();
        Assert.Equal(0, await worker.ExitAsync(s_soon));
        foreach (var part in new[] { serve, worker, dashboard })
            Assert.DoesNotContain("permission denied", part.Text, StringComparison.OrdinalIgnoreCase);
    }
}
