using System.Net;
using ChangeDetection.TestKit;
using Microsoft.AspNetCore.Routing;

namespace ChangeDetection.Dashboard.Tests.Security;

/// <summary>Holds for endpoints that nobody has written yet: the table of endpoints is asked, not a list kept by hand.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class EndpointTableTests(SeededDashboard dashboard)
{
    [Fact]
    public void Actions_InTheTable_AreThese()
    {
        var actions = Endpoints().Where(endpoint => EndpointTable.Methods(endpoint) is ["POST"]).Select(endpoint => endpoint.RoutePattern.RawText!)
            .Where(pattern => !EndpointTable.IsFramework(pattern)).Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "/runs/{id:guid}/cancel", "/runs/{id:guid}/pause", "/runs/{id:guid}/resume", "/runs/{id:guid}/retry", "/sign-in", "/sign-out",
                "/workers/{id:guid}/drain",
            ],
            actions);
    }

    [Fact]
    public async Task EveryEndpoint_ThatTakesMoreThanReading_RefusesItWithoutAToken()
    {
        var before = await FingerprintAsync();
        var asked = 0;
        foreach (var endpoint in Endpoints().Where(endpoint => !EndpointTable.IsFramework(endpoint.RoutePattern.RawText!)))
        {
            var methods = EndpointTable.Methods(endpoint);
            foreach (var method in new[] { "POST", "PUT", "PATCH", "DELETE" }.Where(method => methods is [] || methods.Contains(method)))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Address(endpoint));
                using var response = await dashboard.Client.SendAsync(request);
                Assert.True((int)response.StatusCode >= 400, $"{method} {Address(endpoint)} answered {response.StatusCode} without a token.");
                asked++;
            }
        }
        Assert.True(asked >= 6, $"Only {asked} were asked.");
        Assert.Equal(before, await FingerprintAsync());
    }

    [Fact]
    public async Task EveryEndpoint_ThatIsRead_ChangesNothing()
    {
        var before = await FingerprintAsync();
        foreach (var endpoint in Endpoints().Where(endpoint => EndpointTable.Methods(endpoint) is [] || EndpointTable.Methods(endpoint).Contains("GET")))
        {
            using var response = await dashboard.Client.GetAsync(Address(endpoint));
            Assert.True(response.StatusCode < HttpStatusCode.InternalServerError, $"GET {Address(endpoint)} answered {response.StatusCode}.");
        }
        Assert.Equal(before, await FingerprintAsync());
    }

    private IReadOnlyList<RouteEndpoint> Endpoints() => EndpointTable.Of(dashboard);

    private string Address(RouteEndpoint endpoint) => EndpointTable.Address(endpoint, dashboard.Runs.Waiting, dashboard.Runs.Worker.Id);

    /// <summary>Of the rows that no other test changes.</summary>
    private async Task<string> FingerprintAsync()
    {
        await using var command = dashboard.Database.DataSource.CreateCommand(
            """
            select md5(string_agg(line, '|' order by line)) from (
                select runs::text as line from runs where id = any(@runs)
                union all select events::text from events where run_id = any(@runs)
                union all select workers::text from workers where id = @worker) lines
            """);
        command.Parameters.AddWithValue("runs", new[] { dashboard.Runs.Waiting, dashboard.Runs.NeedsGpu, dashboard.Runs.Trained });
        command.Parameters.AddWithValue("worker", dashboard.Runs.Worker.Id);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
