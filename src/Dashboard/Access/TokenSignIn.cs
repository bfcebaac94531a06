using System.Security.Claims;
using ChangeDetection.Core.Database;

namespace ChangeDetection.Dashboard.Access;

/// <summary>Why a token let nobody in.</summary>
public enum SignInProblem
{
    /// <summary>None was shown, or it is nobody's.</summary>
    Refused,
    /// <summary>There were too many wrong ones of late.</summary>
    TooMany,
    /// <summary>The database does not answer.</summary>
    Unavailable,
}

/// <summary>Looks up whose a token is: the start-up token, or a user's.</summary>
public sealed class TokenSignIn(StartupToken startup, SessionValidator sessions, SignInLimiter limiter)
{
    /// <returns>The user by this scheme, or why there is none.</returns>
    public async Task<(ClaimsPrincipal? User, SignInProblem Problem)> FindAsync(string? token, HttpContext context, string scheme)
    {
        if (startup.Matches(token))
            return (startup.Principal(scheme), default);
        var address = context.Connection.RemoteIpAddress;
        if (token is null or "")
            return (null, SignInProblem.Refused);
        if (sessions.Recall(token) is { } known)
            return (SessionValidator.Principal(known, scheme), default);
        if (!limiter.MayTry(address))
            return (null, SignInProblem.TooMany);
        try
        {
            if (await sessions.FindAsync(token, context.RequestAborted) is { } owner)
                return (SessionValidator.Principal(owner, scheme), default);
        }
        catch (Exception error) when (Outage.IsOutage(error))
        {
            return (null, SignInProblem.Unavailable);
        }
        limiter.Failed(address);
        return (null, SignInProblem.Refused);
    }
}
