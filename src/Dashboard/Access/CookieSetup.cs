using ChangeDetection.Core.Database;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;

namespace ChangeDetection.Dashboard.Access;

/// <summary>The cookie of a browser that has signed in.</summary>
internal static class CookieSetup
{
    private static readonly TimeSpan s_unused = TimeSpan.FromDays(7);

    public static void Apply(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "changedetection";
        options.CookieManager = new PortCookies();
        options.Cookie.HttpOnly = true;
        // A link that leads here from elsewhere finds its reader signed in; what acts is a POST, and comes with the token of a page.
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = s_unused;
        options.SlidingExpiration = true;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        // The page that tells of a failure is not to fail the same way.
        if (context.HttpContext.Features.Get<IExceptionHandlerFeature>() is not null)
            return;
        try
        {
            var user = await context.HttpContext.RequestServices.GetRequiredService<SessionValidator>()
                .CheckAsync(context.Principal!, context.HttpContext.RequestAborted);
            if (user is null)
            {
                context.RejectPrincipal();
            }
            else if (user != context.Principal)
            {
                context.ReplacePrincipal(user);
                context.ShouldRenew = true;
            }
        }
        catch (Exception error) when (Outage.IsOutage(error))
        {
            context.HttpContext.Items[typeof(SignInProblem)] = SignInProblem.Unavailable;
            context.RejectPrincipal();
        }
    }
}
