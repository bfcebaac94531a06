using System.Net;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>Who can reach the dashboard: the address, and what keeps others from reading along where that is not loopback.</summary>
internal sealed record ReachSettings(IPAddress Address, TlsFiles? Tls, IReadOnlyList<IPNetwork> Proxies, IReadOnlyList<string> Hosts)
{
    private const string CertificateVariable = "CHANGEDETECTION_TLS__CERTIFICATE";
    private const string KeyVariable = "CHANGEDETECTION_TLS__KEY";
    private const string ProxyVariable = "CHANGEDETECTION_TRUSTED_PROXY";
    private const string HostsVariable = "CHANGEDETECTION_HOSTS";

    /// <exception cref="SettingsException">A setting is wrong, or others could reach the dashboard without TLS.</exception>
    public static ReachSettings Read(IConfiguration settings)
    {
        var bind = settings["BIND"];
        var read = new ReachSettings(AddressOf(bind), TlsOf(settings), [.. List(settings["TRUSTED_PROXY"]).Select(Network)], [.. List(settings["HOSTS"])]);
        if (!IPAddress.IsLoopback(read.Address) && read.Tls is null && read.Proxies.Count == 0)
            throw Refuse(bind!);
        if (read.Hosts.FirstOrDefault(host => Uri.CheckHostName(host) is UriHostNameType.Unknown) is { } wrong)
            throw new SettingsException($"{HostsVariable}: '{wrong}' is no host name. Write names without scheme and port: changes.example.org");
        if (read.Hosts.Count == 0 && (!IPAddress.IsLoopback(read.Address) || read.Proxies.Count > 0))
            throw new SettingsException(
                $"{HostsVariable} must say by which names browsers reach the dashboard (changes.example.org): a request by another name is refused, "
                + "because another site's page may have made it.");
        return read;
    }

    /// <summary>The answer to a wish that would let others reach the dashboard unprotected.</summary>
    public static SettingsException Refuse(string value) => new(
        $"'{value}' lets others than this machine's own users reach the dashboard, and by itself it listens on loopback alone, chosen by --bind and --port. "
        + $"Beyond loopback it needs TLS, so that nobody reads tokens on the way: a certificate ({CertificateVariable} and {KeyVariable}), "
        + $"or a proxy that has one ({ProxyVariable}), with --bind; docs/access.md shows both. "
        + $"For one person an SSH tunnel does: ssh -L {DashboardSettings.FirstPort}:127.0.0.1:{DashboardSettings.FirstPort} HOST");

    private static IPAddress AddressOf(string? value) => value switch
    {
        null or "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(value, out var address) => address,
        _ => throw new SettingsException($"'{value}' is not an IP address. Leave --bind out: the dashboard listens on 127.0.0.1."),
    };

    private static TlsFiles? TlsOf(IConfiguration settings) => (settings["TLS:CERTIFICATE"], settings["TLS:KEY"]) switch
    {
        (null or "", null or "") => null,
        ({ Length: > 0 } certificate, { Length: > 0 } key) => new TlsFiles(Path.GetFullPath(certificate), Path.GetFullPath(key)),
        _ => throw new SettingsException(
            $"{CertificateVariable} and {KeyVariable} go together: the certificate with its chain, and its private key, as PEM files."),
    };

    private static IPNetwork Network(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPNetwork(address, 8 * address.GetAddressBytes().Length)
        : IPNetwork.TryParse(text, out var network) ? network
        : throw new SettingsException($"{ProxyVariable}: '{text}' is no IP address and no network such as 10.0.0.0/24. Name the proxy's address.");

    private static string[] List(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
