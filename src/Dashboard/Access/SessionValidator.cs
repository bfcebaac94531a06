using System.Collections.Concurrent;
using System.Security.Claims;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.People;
using ChangeDetection.Dashboard.Settings;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// Whether what a request shows still holds: the token may have been revoked since, its user removed or given another role. What was read of a token is
/// believed for a few seconds, and for as long as the database is away: nothing can be read or done then anyway.
/// </summary>
public sealed class SessionValidator(TokenStore tokens, StartupToken startup, DashboardSettings settings, TimeProvider time)
{
    /// <summary>Only tokens that exist, or that a cookie of ours names, are kept; more of them than this are not.</summary>
    private const int MostKnown = 10_000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The user as of now: the same object while nothing has changed; null when the session has ended.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database does not answer, and nothing is known of the token.</exception>
    public async ValueTask<ClaimsPrincipal?> CheckAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        switch (Session.MeansOf(user))
        {
            case ActorMeans.StartupToken:
                return startup.Opened(Session.KeyOf(user)) ? user : null;
            case ActorMeans.OpenId:
                return settings.OpenId is not null && time.GetUtcNow() < Session.UntilOf(user) ? user : null;
            case ActorMeans.Token when Guid.TryParse(Session.KeyOf(user), out var token):
                var owner = await KnownAsync(token.ToString(), () => tokens.FindAsync(token, cancellationToken));
                return owner is null ? null
                    : owner.User == user.Identity?.Name && owner.Role == Session.RoleOf(user) ? user : Principal(owner, user.Identity!.AuthenticationType!);
            default:
                return null;
        }
    }

    /// <summary>Whose a secret is, when that was looked up a moment ago.</summary>
    public TokenOwner? Recall(string secret) =>
        _known.TryGetValue(Sha256Hex.Of(secret), out var known) && IsFresh(known) ? known.Owner : null;

    /// <summary>Whose a secret is; null when it is nobody's.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database does not answer.</exception>
    public async Task<TokenOwner?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        var owner = await tokens.FindBySecretAsync(secret, cancellationToken);
        if (owner is not null)
            Keep(Sha256Hex.Of(secret), owner);
        return owner;
    }

    public static ClaimsPrincipal Principal(TokenOwner owner, string scheme) =>
        Session.Create(scheme, owner.User, owner.Role, ActorMeans.Token, owner.Token.ToString());

    private async ValueTask<TokenOwner?> KnownAsync(string key, Func<Task<TokenOwner?>> read)
    {
        var isKnown = _known.TryGetValue(key, out var known);
        if (isKnown && IsFresh(known!))
            return known!.Owner;
        try
        {
            return Keep(key, await read());
        }
        catch (Exception error) when (isKnown && Outage.IsOutage(error))
        {
            return known!.Owner;
        }
    }

    private TokenOwner? Keep(string key, TokenOwner? owner)
    {
        if (_known.Count > MostKnown)
            _known.Clear();
        _known[key] = new Known(owner, time.GetUtcNow());
        return owner;
    }

    private bool IsFresh(Known known) => time.GetUtcNow() - known.At < settings.SessionCheckEvery;

    private sealed record Known(TokenOwner? Owner, DateTimeOffset At);
}
