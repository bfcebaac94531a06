using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChangeDetection.Core.Database.LocalServer;

namespace ChangeDetection.TestKit.Databases;

/// <summary>Has a test's server speak TLS, with certificates of an authority of the test's own. Other tests on the server ask for none, and see none.</summary>
public sealed class ServerCertificates : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly TemporaryFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public ServerCertificates(PostgresServer server)
    {
        _server = server;
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherExecute);
        _authority = Authority(_key, "tests' authority");
        AuthorityFile = _folder.Write("authority.pem", _authority.ExportCertificatePem());
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = Authority(stranger, "another authority");
        StrangerFile = _folder.Write("stranger.pem", other.ExportCertificatePem());
    }

    /// <summary>The certificate of the authority, for <c>sslrootcert</c>.</summary>
    public string AuthorityFile { get; }

    /// <summary>That of an authority that signed nothing here.</summary>
    public string StrangerFile { get; }

    /// <summary>The server shows this certificate to whoever connects from now on.</summary>
    public async Task ShowAsync(string name, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, from, until, RandomNumberGenerator.GetBytes(8));
        var stem = $"server-{Guid.NewGuid():N}";
        Give(_folder.Write($"{stem}.pem", certificate.ExportCertificatePem()));
        Give(_folder.Write($"{stem}.key", key.ExportPkcs8PrivateKeyPem()));
        await _server.AdministerAsync($"alter system set ssl_cert_file = '{_folder[stem]}.pem'");
        await _server.AdministerAsync($"alter system set ssl_key_file = '{_folder[stem]}.key'");
        await _server.AdministerAsync("alter system set ssl = on");
        await _server.AdministerAsync("select pg_reload_conf()");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var setting in new[] { "ssl", "ssl_cert_file", "ssl_key_file" })
            await _server.AdministerAsync($"alter system reset {setting}");
        await _server.AdministerAsync("select pg_reload_conf()");
        _authority.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    private static X509Certificate2 Authority(ECDsa key, string name)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddYears(-10), TimeProvider.System.GetUtcNow().AddYears(10));
    }

    private static void Give(string path)
    {
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        SystemAccount.ForCluster()?.Own(path);
    }
}
