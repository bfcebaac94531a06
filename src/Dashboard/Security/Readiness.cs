using Npgsql;

namespace ChangeDetection.Dashboard.Security;

/// <summary>
/// What answers without a login: that this process lives, and whether the database answers it. Neither says more than that, and the database is asked once a
/// second at most, however often somebody asks here.
/// </summary>
public sealed class Readiness(NpgsqlDataSource database, TimeProvider time)
{
    public const string Live = "/healthz";
    public const string Ready = "/readyz";

    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private Task<bool> _answer = Task.FromResult(false);
    private DateTimeOffset _askedAt;

    public Task<bool> IsReadyAsync()
    {
        lock (_lock)
        {
            if (_answer.IsCompleted && time.GetUtcNow() - _askedAt >= s_fresh)
                (_answer, _askedAt) = (AskAsync(), time.GetUtcNow());
            return _answer;
        }
    }

    private async Task<bool> AskAsync()
    {
        await Task.Yield();
        using var limit = new CancellationTokenSource(s_limit, time);
        try
        {
            await using var command = database.CreateCommand("select 1");
            return await command.ExecuteScalarAsync(limit.Token) is 1;
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>The two endpoints.</summary>
public static class HealthEndpoints
{
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        // Liveness says nothing about the database, whose outage is no reason to restart us.
        app.MapGet(Readiness.Live, () => TypedResults.Text("ok")).AllowAnonymous();
        app.MapGet(Readiness.Ready, async (Readiness readiness) => await readiness.IsReadyAsync()
            ? TypedResults.Text("ready")
            : TypedResults.Text("not ready", statusCode: StatusCodes.Status503ServiceUnavailable)).AllowAnonymous();
        return app;
    }
}
