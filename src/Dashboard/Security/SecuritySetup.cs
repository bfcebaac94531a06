using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;

namespace ChangeDetection.Dashboard.Security;

/// <summary>What stands between a web page that the user visits elsewhere and this dashboard.</summary>
public static class SecuritySetup
{
    /// <summary>A name of another site that was made to point here (DNS rebinding) is none of these.</summary>
    private static readonly string[] s_hosts = ["localhost", "127.0.0.1", "[::1]"];

    public static IServiceCollection AddSecurity(this IServiceCollection services)
    {
        services.Configure<HostFilteringOptions>(hosts =>
        {
            hosts.AllowedHosts = s_hosts;
            hosts.AllowEmptyHosts = false;
        });
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "changedetection-antiforgery";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.HttpOnly = true;
            // Our own header says so for every page.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        // Keys that live as long as the process: nothing of ours outlives it but the pages that reload themselves.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        return services;
    }

    public static void UseSecurity(this IApplicationBuilder app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<SameOriginOnly>();
    }
}
