using System.Security.Claims;
using ChangeDetection.Core.Database;
using ChangeDetection.Dashboard.Settings;

namespace ChangeDetection.Dashboard.Access;

/// <summary>
/// Ends the live connection of a page whose reader is no longer let in, or has another role now: it lasts as long as the page is open, and was let through
/// once, at its beginning.
/// </summary>
public sealed class CircuitWatch(RequestDelegate next, SessionValidator sessions, DashboardSettings settings, TimeProvider time)
{
    private const string Connections = "/_blazor";

    public async Task InvokeAsync(HttpContext context)
    {
        var lasts = context.WebSockets.IsWebSocketRequest || context.Request.Path.StartsWithSegments(Connections);
        if (!lasts || context.User.Identity is not { IsAuthenticated: true })
        {
            await next(context);
            return;
        }
        using var over = new CancellationTokenSource();
        var watch = WatchAsync(context, context.User, over.Token);
        try
        {
            await next(context);
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
    }

    private async Task WatchAsync(HttpContext context, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(settings.SessionCheckEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (await HoldsAsync(user, cancellationToken))
                    continue;
                context.Abort();
                return;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The page was closed.
        }
    }

    private async Task<bool> HoldsAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.CheckAsync(user, cancellationToken) == user;
        }
        catch (Exception error) when (Outage.IsOutage(error))
        {
            return true;
        }
    }
}
