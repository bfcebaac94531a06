namespace ChangeDetection.Dashboard.Security;

/// <summary>
/// The headers of every answer. Nothing comes from another site, nothing inline runs; no page of ours needs an inline style either
/// (progress is an element, charts are drawn through the object model).
/// </summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Hangfire's pages have an empty icon as data, and styles written into their elements. Scripts are held as tightly as ours.</summary>
    private static readonly string s_hangfirePolicy = Policy
        .Replace("img-src 'self'", "img-src 'self' data:", StringComparison.Ordinal)
        .Replace("style-src 'self'", "style-src 'self' 'unsafe-inline'", StringComparison.Ordinal);

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments(Hangfire.TransportSetup.Path) ? s_hangfirePolicy : Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        return next(context);
    }
}
