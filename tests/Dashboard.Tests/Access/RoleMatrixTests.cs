using System.Net;
using System.Net.Http.Headers;
using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Tests.Security;
using ChangeDetection.TestKit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;

namespace ChangeDetection.Dashboard.Tests.Access;

/// <summary>Every endpoint of the table, for everybody there is: strangers, void tokens, and each role.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class RoleMatrixTests(SeededDashboard dashboard)
{
    /// <summary>What answers without a login, beside the way to one.</summary>
    private static readonly string[] s_open = ["/healthz", "/readyz", "/sign-in"];

    [Fact]
    public void Endpoints_ThatAreOpen_AreThese() => Assert.Equal(
        s_open,
        EndpointTable.Of(dashboard).Where(IsOpen).Select(endpoint => endpoint.RoutePattern.RawText).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public async Task EveryEndpoint_ForNobody_Answers401()
    {
        var revoked = await dashboard.AddUserAsync(UserRole.Admin);
        await new TokenStore(dashboard.Database.DataSource).RevokeAsync(revoked.TokenId, Actor.OfAccount(), default);
        var expired = await dashboard.AddUserAsync(UserRole.Admin, TimeSpan.FromSeconds(-1));
        var wrong = new List<string>();
        foreach (var (method, address, _) in Requests().Append(("GET", "/nowhere", UserRole.Viewer)).Append(("GET", "/css/page.css", UserRole.Viewer)))
        {
            var answer = await AskAsync(dashboard.Stranger, method, address, null);
            if (answer != HttpStatusCode.Unauthorized)
                wrong.Add($"{method} {address}: {answer}");
        }
        // Each of these counts as a wrong token of this address, of which there may be few in a minute.
        foreach (var token in new[] { revoked.Token, expired.Token, "cdt_short" })
        {
            var answer = await AskAsync(dashboard.Stranger, "GET", "/hangfire", token);
            if (answer != HttpStatusCode.Unauthorized)
                wrong.Add($"with {token}: {answer}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task EveryEndpoint_ForEachRole_AnswersThoseWhoMayAndRefusesTheOthers()
    {
        var wrong = new List<string>();
        var asked = 0;
        foreach (var role in UserRoles.All)
        {
            using var program = dashboard.Program((await dashboard.AddUserAsync(role)).Token);
            foreach (var (method, address, needed) in Requests())
            {
                var answer = await AskAsync(program, method, address, null);
                var refused = answer is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized;
                if (refused != role < needed || (refused && answer is not HttpStatusCode.Forbidden))
                    wrong.Add($"{role}: {method} {address} (for {needed}): {answer}");
                asked++;
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(asked > 90, $"Only {asked} were asked.");
    }

    /// <summary>What the endpoints demand is what the words of the roles promise, said here once more and by hand.</summary>
    private static UserRole Needed(string pattern, string method) => pattern switch
    {
        _ when pattern.StartsWith("/hangfire", StringComparison.Ordinal) || pattern.StartsWith("hangfire", StringComparison.Ordinal) => UserRole.Admin,
        "/audit" => UserRole.Admin,
        "/sign-out" => UserRole.Viewer,
        _ when method == "POST" && !EndpointTable.IsFramework(pattern) => UserRole.Operator,
        _ => UserRole.Viewer,
    };

    /// <summary>An act is asked for with a run and a worker that are not there: who may gets 404.</summary>
    private IEnumerable<(string Method, string Address, UserRole Needed)> Requests() =>
        from endpoint in EndpointTable.Of(dashboard)
        where !IsOpen(endpoint)
        let methods = EndpointTable.Methods(endpoint)
        from method in methods is [] ? ["GET"] : methods.Where(method => method is "GET" or "POST")
        let isAct = method == "POST"
        let address = EndpointTable.Address(
            endpoint, isAct ? Guid.NewGuid() : dashboard.Runs.Waiting, isAct ? Guid.NewGuid() : dashboard.Runs.Worker.Id)
        // A page is an endpoint that takes both; posting to one is not an act of ours.
        where !(isAct && methods.Contains("GET"))
        select (method, address, Needed(endpoint.RoutePattern.RawText!, method));

    private static bool IsOpen(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string method, string address, string? token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }
}
