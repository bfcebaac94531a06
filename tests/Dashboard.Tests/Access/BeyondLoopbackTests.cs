using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Settings;
using ChangeDetection.TestKit;

namespace ChangeDetection.Dashboard.Tests.Access;

/// <summary>Behind TLS: a certificate of its own, and a proxy that has one.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class BeyondLoopbackTests(SeededDashboard dashboard)
{
    private const string Host = "changes.example.org";

    [Fact]
    public async Task Certificate_OfItsOwn_IsUsed_AndReadAgainWhenItIsRenewed()
    {
        using var folder = new TemporaryFolder();
        var files = new TlsFiles(folder["cert.pem"], folder["key.pem"]);
        var first = Write(files);
        // On loopback: tests open nothing to others.
        await using var app = await Listening.StartAsync(dashboard.Settings() with { Tls = files, Hosts = [Host] }, CancellationToken.None);
        var port = Listening.AddressOf(app).Port;
        var user = await dashboard.AddUserAsync(UserRole.Viewer);
        Assert.Equal((first, HttpStatusCode.OK, true), await AskAsync(port, user.Token));

        await File.WriteAllTextAsync(files.Key, "half written");
        Assert.Equal((first, HttpStatusCode.OK, true), await AskAsync(port, user.Token));
        var second = Write(files);
        Assert.Equal((second, HttpStatusCode.OK, true), await AskAsync(port, user.Token));
        await app.StopAsync();
    }

    [Fact]
    public async Task Cookie_UnderTls_IsSecureAndOfThisHostAlone()
    {
        using var folder = new TemporaryFolder();
        var files = new TlsFiles(folder["cert.pem"], folder["key.pem"]);
        Write(files);
        await using var app = await Listening.StartAsync(dashboard.Settings() with { Tls = files }, CancellationToken.None);
        using var client = new HttpClient(Trusting(new List<string>()));
        using var response = await client.GetAsync(DashboardAddress.Signed(Listening.AddressOf(app), dashboard.StartupToken));

        var cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("__Host-changedetection-", cookie);
        Assert.Contains("; secure", cookie);
        await app.StopAsync();
    }

    [Fact]
    public async Task Proxy_ThatIsTrusted_IsBelieved_AndNobodyElse()
    {
        var user = await dashboard.AddUserAsync(UserRole.Operator);
        var behind = dashboard.Settings() with { TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")], Hosts = [Host] };
        await using (var app = await Listening.StartAsync(behind, CancellationToken.None))
        {
            var address = Listening.AddressOf(app);
            Assert.Equal(HttpStatusCode.OK, await PassOnAsync(address, user.Token, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.7")));
            Assert.Equal(HttpStatusCode.Forbidden, await PassOnAsync(address, user.Token));
            Assert.Equal(HttpStatusCode.Forbidden, await PassOnAsync(address, user.Token, ("X-Forwarded-Proto", "http")));
            var run = (await Experiments.SubmitAsync(dashboard.Database))[0];
            Assert.Equal(HttpStatusCode.Redirect, await PassOnAsync(
                address, user.Token, HttpMethod.Post, $"/runs/{run}/cancel", ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "198.51.100.1, 192.0.2.7")));
            var entry = (await new AuditStore(dashboard.Database.DataSource).ListAsync(null, run.ToString(), 1, default)).Single();
            // The last that the proxy added; what the client wrote before it is not believed.
            Assert.Equal("192.0.2.7", entry.Address);
            await app.StopAsync();
        }

        await using var elsewhere = await Listening.StartAsync(
            behind with { TrustedProxies = [IPNetwork.Parse("192.0.2.1/32")] }, CancellationToken.None);
        var other = Listening.AddressOf(elsewhere);
        Assert.Equal(HttpStatusCode.Forbidden, await PassOnAsync(other, user.Token, ("X-Forwarded-Proto", "https")));
        using var client = new HttpClient();
        Assert.Equal("ok", await client.GetStringAsync(new Uri(other, "/healthz")));
        Assert.Equal("ready", await client.GetStringAsync(new Uri(other, "/readyz")));
        await elsewhere.StopAsync();
    }

    private static Task<HttpStatusCode> PassOnAsync(Uri address, string token, params (string Name, string Value)[] headers) =>
        PassOnAsync(address, token, HttpMethod.Get, "/session", headers);

    private static async Task<HttpStatusCode> PassOnAsync(
        Uri address, string token, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient(DashboardSession.Plain());
        using var request = new HttpRequestMessage(method, new Uri(address, path)) { Headers = { Host = Host } };
        request.Headers.Add("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<(string Certificate, HttpStatusCode Status, bool IsHeldToTls)> AskAsync(int port, string token)
    {
        var seen = new List<string>();
        using var client = new HttpClient(Trusting(seen));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{port}/session") { Headers = { Host = $"{Host}:{port}" } };
        request.Headers.Add("Authorization", $"Bearer {token}");
        using var response = await client.SendAsync(request);
        return (seen.Single(), response.StatusCode, response.IsSuccessStatusCode && response.Headers.Contains("Strict-Transport-Security"));
    }

    /// <summary>Notes which certificate it was shown, and takes any.</summary>
    private static SocketsHttpHandler Trusting(List<string> seen)
    {
        var handler = DashboardSession.Plain();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            TargetHost = Host,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                seen.Add(certificate!.GetCertHashString());
                return true;
            },
        };
        return handler;
    }

    /// <summary>A new certificate and its key; returns its hash.</summary>
    private static string Write(TlsFiles files)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return certificate.GetCertHashString();
    }
}
