using System.Security.Claims;
using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Settings;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// Sign-in at a provider of OpenID Connect: the authorization code flow with PKCE. Of what the provider tells, name and role are kept, in the cookie, for a
/// working day; then the browser goes there again.
/// </summary>
internal static class OpenIdSetup
{
    private static readonly TimeSpan s_day = TimeSpan.FromHours(8);

    public static void AddOpenId(this AuthenticationBuilder authentication, OpenIdSettings provider) =>
        authentication.AddOpenIdConnect(Schemes.OpenId, options =>
        {
            options.SignInScheme = Schemes.Cookie;
            options.Authority = provider.Authority.AbsoluteUri;
            options.ClientId = provider.ClientId;
            options.ClientSecret = provider.ClientSecret;
            options.ResponseType = OpenIdConnectResponseType.Code;
            // The answer comes as a link that is followed, which is all that another site may do here.
            options.ResponseMode = OpenIdConnectResponseMode.Query;
            options.UsePkce = true;
            options.CallbackPath = "/sign-in/openid/callback";
            options.RequireHttpsMetadata = !provider.Authority.IsLoopback;
            options.MapInboundClaims = false;
            options.SaveTokens = false;
            options.GetClaimsFromUserInfoEndpoint = true;
            options.ClaimActions.MapUniqueJsonKey(provider.UserClaim, provider.UserClaim);
            options.ClaimActions.MapJsonKey(provider.RoleClaim, provider.RoleClaim);
            options.Scope.Clear();
            foreach (var scope in provider.Scopes)
                options.Scope.Add(scope);
            foreach (var cookie in new[] { options.NonceCookie, options.CorrelationCookie })
            {
                cookie.SameSite = SameSiteMode.Lax;
                cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            }
            options.Events.OnTicketReceived = context => ReceiveAsync(context, provider);
            options.Events.OnRemoteFailure = FailAsync;
        });

    private static async Task ReceiveAsync(TicketReceivedContext context, OpenIdSettings provider)
    {
        var services = context.HttpContext.RequestServices;
        var name = context.Principal?.FindFirstValue(provider.UserClaim);
        var role = provider.RoleOf([.. context.Principal?.FindAll(provider.RoleClaim).Select(claim => claim.Value) ?? []]);
        if (name is null || !UserStore.IsName(name) || role is null)
        {
            context.HandleResponse();
            await services.GetRequiredService<SignInPage>().WriteAsync(
                context.HttpContext, StatusCodes.Status403Forbidden,
                role is null && name is not null
                    ? $"{name} has no role here. An administrator says in the dashboard's settings which groups have one."
                    : $"The provider gave no usable name (claim '{provider.UserClaim}'): {UserStore.NameRule}.",
                LocalPath.Front);
            return;
        }
        var until = services.GetRequiredService<TimeProvider>().GetUtcNow() + s_day;
        context.Principal = Session.Create(Schemes.Cookie, name, role.Value, ActorMeans.OpenId, key: null, until);
        context.Properties = new AuthenticationProperties { IsPersistent = false, RedirectUri = context.ReturnUri };
        await services.GetRequiredService<AuditStore>().RecordAsync(
            Session.ActorOf(context.Principal, context.HttpContext.Connection.RemoteIpAddress), "sign-in", null, null, context.HttpContext.RequestAborted);
    }

    /// <summary>Refused at the provider, or an answer that is too old or not ours. What the provider says of it is for the log, not for the page.</summary>
    private static async Task FailAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        await context.HttpContext.RequestServices.GetRequiredService<SignInPage>().WriteAsync(
            context.HttpContext, StatusCodes.Status403Forbidden, "The sign-in at the provider did not come to an end. Try again.", LocalPath.Front);
    }
}
