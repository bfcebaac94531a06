using System.Globalization;
using System.Net;
using System.Security.Claims;
using ChangeDetection.Core.People;

namespace ChangeDetection.Dashboard.Access;

/// <summary>What is known of a signed-in user: the claims of a cookie, or of a request with a token.</summary>
public static class Session
{
    private const string MeansClaim = "means";
    private const string KeyClaim = "key";
    private const string UntilClaim = "until";

    /// <param name="scheme">By which the request shows it.</param>
    /// <param name="key">By which <see cref="SessionValidator"/> finds again whether it still holds; null where nothing is kept.</param>
    /// <param name="until">When it ends in any case; null: with its key.</param>
    public static ClaimsPrincipal Create(string scheme, string user, UserRole role, ActorMeans means, string? key = null, DateTimeOffset? until = null)
    {
        var claims = new List<Claim>
        {
            new(ClaimTypes.NameIdentifier, user), new(ClaimTypes.Name, user), new(ClaimTypes.Role, role.Word()), new(MeansClaim, means.Word()),
        };
        if (key is not null)
            claims.Add(new Claim(KeyClaim, key));
        if (until is { } end)
            claims.Add(new Claim(UntilClaim, end.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme));
    }

    public static UserRole? RoleOf(ClaimsPrincipal user) => UserRoles.Find(user.FindFirstValue(ClaimTypes.Role));

    public static ActorMeans? MeansOf(ClaimsPrincipal user) => user.FindFirstValue(MeansClaim) is { } word ? ActorMeansWords.Of(word) : null;

    public static string? KeyOf(ClaimsPrincipal user) => user.FindFirstValue(KeyClaim);

    /// <summary>The time of <see cref="Create"/>; the beginning of time where it has none.</summary>
    public static DateTimeOffset UntilOf(ClaimsPrincipal user) => DateTimeOffset.FromUnixTimeSeconds(
        long.TryParse(user.FindFirstValue(UntilClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0);

    /// <summary>Who makes a request, for the ledger.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in.</exception>
    public static Actor ActorOf(HttpContext context) => ActorOf(context.User, context.Connection.RemoteIpAddress);

    public static Actor ActorOf(ClaimsPrincipal user, IPAddress? address) =>
        user.Identity?.Name is { } name && MeansOf(user) is { } means
            ? new Actor(name, means, (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString())
            : throw new InvalidOperationException("Nobody is signed in, and an endpoint acts.");
}
