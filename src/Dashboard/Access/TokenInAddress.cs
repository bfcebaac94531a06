using ChangeDetection.Core.Database;
using ChangeDetection.Core.People;
using Microsoft.AspNetCore.Authentication;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// The printed address with its token: signs the browser in, and sends it to the same place without the token at once, so that it stays in no address bar,
/// history or log. Users' tokens are not taken from addresses: those get copied.
/// </summary>
public sealed class TokenInAddress(RequestDelegate next, StartupToken startup, AuditStore audit)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) || !request.Query.ContainsKey(DashboardAddress.Parameter))
        {
            await next(context);
            return;
        }
        if (startup.Matches(request.Query[DashboardAddress.Parameter]))
            await SignInAsync(context, startup.Principal(Schemes.Cookie), audit);
        var rest = request.Query.Where(part => !part.Key.Equals(DashboardAddress.Parameter, StringComparison.OrdinalIgnoreCase));
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(LocalPath.Of(request.Path.ToUriComponent() + QueryString.Create(rest).ToUriComponent()));
    }

    /// <summary>Gives the browser its cookie, and notes that in the ledger.</summary>
    public static async Task SignInAsync(HttpContext context, System.Security.Claims.ClaimsPrincipal user, AuditStore audit)
    {
        await context.SignInAsync(Schemes.Cookie, user, new AuthenticationProperties { IsPersistent = true });
        try
        {
            await audit.RecordAsync(Session.ActorOf(user, context.Connection.RemoteIpAddress), "sign-in", null, null, context.RequestAborted);
        }
        catch (Exception error) when (Outage.IsOutage(error))
        {
            // Looking on is not an act: who signs in during an outage sees that there is one.
        }
    }
}
