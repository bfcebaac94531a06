using System.Net;
using System.Net.WebSockets;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Workers;
using ChangeDetection.TestKit;

namespace ChangeDetection.Dashboard.Tests.Security;

[Needs(Resource.Database, Resource.Processes)]
public sealed class SecurityTests(SeededDashboard dashboard)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/healthz")]
    [InlineData("/nowhere")]
    [InlineData("/css/page.css")]
    public async Task Headers_OfEveryAnswer_AreTheseAndNameNoServer(string path)
    {
        using var response = await dashboard.Client.GetAsync(path);
        var headers = response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value));

        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
            + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
            headers["Content-Security-Policy"]);
        Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
        Assert.Equal("DENY", headers["X-Frame-Options"]);
        Assert.Equal("same-origin", headers["Referrer-Policy"]);
        Assert.Equal("same-origin", headers["Cross-Origin-Resource-Policy"]);
        Assert.DoesNotContain("Server", headers.Keys);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.1.7:5080")]
    public async Task Host_ThatIsNotLoopback_IsRefused(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = host;
        request.Headers.Add("X-Forwarded-Host", "localhost");
        using var response = await dashboard.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task Host_ThatIsLoopback_IsServed(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Host = $"{host}:{dashboard.Address.Port}";
        using var response = await dashboard.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Post_WithoutTheToken_ChangesNothing()
    {
        using var cancel = await dashboard.Client.PostAsync($"/runs/{dashboard.Runs.Waiting}/cancel", null);
        using var drain = await dashboard.Client.PostAsync(
            $"/workers/{dashboard.Runs.Worker.Id}/drain", new FormUrlEncodedContent([new("__RequestVerificationToken", "made up")]));

        Assert.Equal(HttpStatusCode.BadRequest, cancel.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, drain.StatusCode);
        Assert.Equal(RunState.Queued, (await new RunStore(dashboard.Database.DataSource).FindAsync(dashboard.Runs.Waiting, default))!.State);
        var workers = await new WorkerStore(dashboard.Database.DataSource).ListAsync(all: true, default);
        Assert.False(workers.Single(worker => worker.Id == dashboard.Runs.Worker.Id).DrainRequested);
    }

    [Fact]
    public async Task Drain_WithTheTokenOfThePage_DrainsThatWorker()
    {
        using var response = await PageForm.PostAsync(dashboard, "/workers", $"/workers/{dashboard.Runs.SpareWorker.Id}/drain");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        var workers = await new WorkerStore(dashboard.Database.DataSource).ListAsync(all: true, default);
        Assert.Equal(WorkerState.Draining, workers.Single(worker => worker.Id == dashboard.Runs.SpareWorker.Id).State);
        Assert.Equal(WorkerState.Ready, workers.Single(worker => worker.Id == dashboard.Runs.Worker.Id).State);
    }

    [Theory]
    [InlineData("POST", "cross-site", "navigate", "document", "http://evil.example")]
    [InlineData("POST", "same-site", "navigate", "document", "http://127.0.0.1:3000")]
    [InlineData("GET", "cross-site", "no-cors", "image", null)]
    [InlineData("GET", "cross-site", "navigate", "iframe", null)]
    [InlineData("GET", "same-site", "cors", "empty", "http://127.0.0.1:3000")]
    [InlineData("POST", "none", "navigate", "document", "null")]
    public async Task Request_OfAnotherSitesPage_IsRefused(string method, string site, string mode, string destination, string? origin)
    {
        var path = $"/runs/{dashboard.Runs.Waiting}{(method == "POST" ? "/cancel" : "")}";
        using var request = FromBrowser(method, path, site, mode, destination, origin);
        using var response = await dashboard.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Link_OnAnotherSite_LeadsHere()
    {
        using var request = FromBrowser("GET", "/", "cross-site", "navigate", "document", null);
        using var response = await dashboard.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task WebSocket_OfAnotherSitesPage_IsRefused()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "http://evil.example");
        var address = new UriBuilder(dashboard.Address) { Scheme = "ws", Path = "/_blazor" }.Uri;

        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, CancellationToken.None));

        Assert.Contains("403", refusal.Message);
    }

    private static HttpRequestMessage FromBrowser(string method, string path, string site, string mode, string destination, string? origin)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Sec-Fetch-Site", site);
        request.Headers.Add("Sec-Fetch-Mode", mode);
        request.Headers.Add("Sec-Fetch-Dest", destination);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return request;
    }
}
