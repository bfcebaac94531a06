using System.Net;
using System.Net.Security;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Dashboard.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ChangeDetection.Dashboard.Security;

/// <summary>
/// Where the dashboard listens: on loopback, or elsewhere with TLS of its own or behind a proxy that has it. One door, held here for every endpoint that any
/// setting could open.
/// </summary>
public static class ListeningSetup
{
    public static void ListenAsSet(this WebApplicationBuilder builder, DashboardSettings settings)
    {
        // ASPNETCORE_FORWARDEDHEADERS_ENABLED would let any client say who it is.
        builder.Configuration.AddInMemoryCollection([new("ForwardedHeaders_Enabled", "false")]);
        builder.WebHost.UseStaticWebAssets();
        var certificate = settings.Tls is { } files ? new OwnCertificate(files) : null;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(endpoint => Demand(endpoint.IPEndPoint?.Address, settings));
            kestrel.Listen(Demand(settings.Address, settings), settings.Port ?? DashboardSettings.FirstPort, endpoint =>
            {
                if (certificate is not null)
                    endpoint.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
                    });
            });
        });
    }

    private static IPAddress Demand(IPAddress? address, DashboardSettings settings) =>
        address is not null && (IPAddress.IsLoopback(address) || (address.Equals(settings.Address) && IsProtected(settings)))
            ? address
            : throw new SettingsException(
                $"The dashboard was told to listen on '{address?.ToString() ?? "something that is no IP address"}', which others can reach, without TLS. "
                + "Use an SSH tunnel, or see docs/access.md.");

    private static bool IsProtected(DashboardSettings settings) => settings.Tls is not null || settings.TrustedProxies.Count > 0;
}
