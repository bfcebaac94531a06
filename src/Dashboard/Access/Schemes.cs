using System.Security.Claims;

namespace ChangeDetection.Dashboard.Access;

/// <summary>The ways to show who one is with a request: a cookie after a sign-in, or a token in the header <c>Authorization</c>.</summary>
public static class Schemes
{
    /// <summary>Chooses between the two: a request that brings the header is judged by that alone.</summary>
    public const string Any = "changedetection";
    public const string Cookie = "cookie";
    public const string Bearer = "bearer";
    /// <summary>Signs a browser in, and then leaves it to the cookie.</summary>
    public const string OpenId = "openid";

    public static bool IsBearer(ClaimsPrincipal user) => user.Identity is { IsAuthenticated: true, AuthenticationType: Bearer };
}
