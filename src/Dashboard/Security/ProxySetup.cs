using System.Net;
using ChangeDetection.Dashboard.Settings;
using Microsoft.AspNetCore.HttpOverrides;

namespace ChangeDetection.Dashboard.Security;

/// <summary>What a trusted proxy says of the request that it passes on, and nobody else.</summary>
public static class ProxySetup
{
    public static void UseTrustedProxy(this IApplicationBuilder app, DashboardSettings settings)
    {
        if (settings.TrustedProxies.Count == 0)
            return;
        app.Use((context, next) => IsHealth(context.Request.Path) || settings.TrustedProxies.Any(proxy => proxy.Contains(Peer(context)))
            ? next(context)
            : RefuseAsync(context, "This dashboard is reached through its proxy alone."));
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = 1,
        };
        // By itself it trusts loopback, where any account of the machine may ask.
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in settings.TrustedProxies)
            forwarded.KnownIPNetworks.Add(proxy);
        app.UseForwardedHeaders(forwarded);
        app.Use((context, next) => IsHealth(context.Request.Path) || context.Request.IsHttps
            ? next(context)
            : RefuseAsync(context, "The proxy did not say (X-Forwarded-Proto) that the browser came by https."));
    }

    private static bool IsHealth(PathString path) => path == Readiness.Live || path == Readiness.Ready;

    private static IPAddress Peer(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => IPAddress.None,
        { IsIPv4MappedToIPv6: true } address => address.MapToIPv4(),
        var address => address,
    };

    private static Task RefuseAsync(HttpContext context, string reason)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }
}
