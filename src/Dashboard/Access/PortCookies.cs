using Microsoft.AspNetCore.Authentication.Cookies;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// Browsers send the cookies of a machine to all its ports. So the port that the browser sees, behind a tunnel or a proxy too, is part of the name, and two
/// dashboards on one machine do not sign each other's readers out.
/// </summary>
internal sealed class PortCookies : ICookieManager
{
    /// <summary>What browsers hold a cookie of this name to: sent over TLS alone, to this very host, for all its paths.</summary>
    private const string HostOnly = "__Host-";

    private readonly ChunkingCookieManager _inner = new();

    public string? GetRequestCookie(HttpContext context, string key) => _inner.GetRequestCookie(context, Name(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        _inner.AppendResponseCookie(context, Name(context, key), value, options);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) => _inner.DeleteCookie(context, Name(context, key), options);

    private static string Name(HttpContext context, string key)
    {
        var request = context.Request;
        return $"{(request.IsHttps ? HostOnly : "")}{key}-{request.Host.Port ?? (request.IsHttps ? 443 : 80)}";
    }
}
