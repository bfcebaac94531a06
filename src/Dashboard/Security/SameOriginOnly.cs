namespace ChangeDetection.Dashboard.Security;

/// <summary>
/// Refuses what another site's page makes the user's browser ask for: a form, a script's request, a picture, a WebSocket (which no
/// same-origin rule of the browser stops). A link that leads here is let through: it shows the user our page and changes nothing.
/// </summary>
public sealed class SameOriginOnly(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (IsOurs(request) || IsLink(request))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Another site's page asked for this. Open the dashboard itself.", context.RequestAborted);
    }

    private static bool IsOurs(HttpRequest request) =>
        (request.Headers.Origin.Count == 0 || request.Headers.Origin == $"{request.Scheme}://{request.Host}")
        && request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";

    private static bool IsLink(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && request.Headers.Origin.Count == 0
        && request.Headers["Sec-Fetch-Mode"] == "navigate"
        && request.Headers["Sec-Fetch-Dest"] == "document";
}
