using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Settings;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace ChangeDetection.Dashboard.Access;

/// <summary>Who is let in, and to what.</summary>
public static class AccessSetup
{
    public static IServiceCollection AddAccess(this IServiceCollection services, DashboardSettings settings)
    {
        services.AddHttpContextAccessor();
        services.AddScoped(provider => Session.ActorOf(provider.GetRequiredService<IHttpContextAccessor>().HttpContext!));
        services.AddSingleton<StartupToken>().AddSingleton<SessionValidator>().AddSingleton<TokenSignIn>();
        services.AddSingleton<SignInLimiter>().AddSingleton<SignInPage>();
        var authentication = services.AddAuthentication(Schemes.Any)
            .AddPolicyScheme(Schemes.Any, null, options => options.ForwardDefaultSelector = Choose)
            .AddCookie(Schemes.Cookie, CookieSetup.Apply)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(Schemes.Bearer, null);
        if (settings.OpenId is { } provider)
            authentication.AddOpenId(provider);
        services.AddAuthorization(options => options.AddRoles());
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessDenial>();
        services.AddCascadingAuthenticationState();
        services.AddDataProtection().SetApplicationName("changedetection-dashboard");
        services.AddOptions<KeyManagementOptions>().Configure<CookieKeyStore>((keys, store) => keys.XmlRepository = new CookieKeys(store));
        // It warns that keys are stored in the clear. They are, and docs/access.md says what follows from it.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
        return services;
    }

    public static void UseAccess(this IApplicationBuilder app)
    {
        app.UseMiddleware<TokenInAddress>();
        app.UseAuthentication();
        app.UseMiddleware<CircuitWatch>();
        app.UseAuthorization();
    }

    /// <summary>A header that is there decides alone: a page of another site cannot make a browser send it, and a cookie beside it does not count.</summary>
    private static string Choose(HttpContext context) => context.Request.Headers.Authorization.Count > 0 ? Schemes.Bearer : Schemes.Cookie;
}
