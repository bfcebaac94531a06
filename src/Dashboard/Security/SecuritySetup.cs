using ChangeDetection.Core.Hashing;
using ChangeDetection.Dashboard.Settings;
using Microsoft.AspNetCore.HostFiltering;
using Npgsql;

namespace ChangeDetection.Dashboard.Security;

/// <summary>What stands between a web page that the user visits elsewhere and this dashboard.</summary>
public static class SecuritySetup
{
    /// <summary>A name of another site that was made to point here (DNS rebinding) is none of these.</summary>
    private static readonly string[] s_hosts = ["localhost", "127.0.0.1", "[::1]"];

    public static IServiceCollection AddSecurity(this IServiceCollection services, DashboardSettings settings)
    {
        services.Configure<HostFilteringOptions>(hosts =>
        {
            hosts.AllowedHosts = [.. s_hosts, .. settings.Hosts];
            hosts.AllowEmptyHosts = false;
        });
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = $"changedetection-antiforgery-{SystemOf(settings)}";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.HttpOnly = true;
            // Our own header says so for every page.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton<Readiness>();
        return services;
    }

    /// <summary>Browsers send a machine's cookies to all its ports: dashboards of two systems on it must not overwrite each other's.</summary>
    private static string SystemOf(DashboardSettings settings)
    {
        var database = new NpgsqlConnectionStringBuilder(settings.Database);
        return Sha256Hex.Of($"{database.Host}:{database.Port}/{database.Database}")[..8];
    }

    public static void UseSecurity(this IApplicationBuilder app)
    {
        // Only what came by TLS, and never for loopback, whose other ports are other people's programs.
        app.UseHsts();
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<SameOriginOnly>();
    }
}
