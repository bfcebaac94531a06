using System.Net;
using ChangeDetection.Core.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ChangeDetection.Dashboard.Settings;

/// <summary>Finds the dashboard a port.</summary>
public static class Listening
{
    private const int Attempts = 100;

    /// <summary>Starts the dashboard on the given port, or on the next free one.</summary>
    /// <exception cref="SettingsException">The given port, or a hundred in a row, are taken.</exception>
    public static async Task<WebApplication> StartAsync(DashboardSettings settings, CancellationToken cancellationToken)
    {
        var first = settings.Port ?? DashboardSettings.FirstPort;
        for (var port = first; port < first + Attempts; port++)
        {
            // Tried rather than looked up: between a look and the start another program could take it.
            var app = DashboardApplication.Create(settings with { Port = port });
            try
            {
                await app.StartAsync(cancellationToken);
                return app;
            }
            catch (IOException error) when (error.InnerException is AddressInUseException)
            {
                await app.DisposeAsync();
                if (settings.Port is not null)
                    throw new SettingsException($"Port {port} is taken by another program. Name a free one, or leave --port out.", error);
            }
        }
        throw new SettingsException($"The ports {first} to {first + Attempts - 1} are all taken. Name a free one: --port P.");
    }

    /// <summary>Where a started dashboard is reached, such as <c>http://127.0.0.1:5080/</c>; one that listens everywhere, by its first name.</summary>
    public static Uri AddressOf(WebApplication app)
    {
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var settings = app.Services.GetRequiredService<DashboardSettings>();
        return IPAddress.IsLoopback(settings.Address) || settings.Hosts is not [var name, ..]
            ? address
            : settings.TrustedProxies.Count > 0 ? new Uri($"https://{name}/") : new UriBuilder(address) { Host = name }.Uri;
    }
}
