using System.Net;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Dashboard.Settings;

namespace ChangeDetection.Dashboard.Security;

/// <summary>
/// The dashboard has no login yet, so nobody but the machine's own user may reach it. One door, held here for every endpoint
/// that any setting could open.
/// </summary>
public static class LoopbackOnly
{
    public static void ListenOnLoopback(this WebApplicationBuilder builder, DashboardSettings settings)
    {
        // ASPNETCORE_FORWARDEDHEADERS_ENABLED would let any client say who it is.
        builder.Configuration.AddInMemoryCollection([new("ForwardedHeaders_Enabled", "false")]);
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(endpoint => Demand(endpoint.IPEndPoint?.Address));
            kestrel.Listen(Demand(settings.Address), settings.Port ?? DashboardSettings.FirstPort);
        });
    }

    private static IPAddress Demand(IPAddress? address) => address is not null && IPAddress.IsLoopback(address)
        ? address
        : throw new SettingsException(
            $"The dashboard was told to listen on '{address?.ToString() ?? "something that is no IP address"}', which others can reach, "
            + "and it has no login: authentication comes with a later release. Use an SSH tunnel.");
}
