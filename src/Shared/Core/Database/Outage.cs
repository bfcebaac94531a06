using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// Waiting while the database is away. Everything that is repeated here is idempotent: claims by their id, metrics by their key,
/// events and log lines by their number, ends by their attempt.
/// </summary>
public static class Outage
{
    /// <summary>The server ended a session that idled in a transaction; Npgsql has no name for it.</summary>
    private const string IdleInTransactionSessionTimeout = "25P03";

    private static readonly BackOff s_backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3));

    /// <summary>Runs an action until it gets through, for as long as the caller's token allows. Errors that are not an outage pass through.</summary>
    public static async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await action(cancellationToken);
            }
            catch (Exception exception) when (IsOutage(exception) && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(s_backOff.Pause(failures), cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="RetryAsync{T}"/>
    public static Task RetryAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken) =>
        RetryAsync(
            async token =>
            {
                await action(token);
                return true;
            },
            cancellationToken);

    /// <summary>A connection that broke, was refused or timed out, a session that the server ended, or a server that is starting or stopping.</summary>
    public static bool IsOutage(Exception exception) => exception is NpgsqlException { IsTransient: true }
        or NpgsqlException { InnerException: IOException or TimeoutException or System.Net.Sockets.SocketException }
        or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            or IdleInTransactionSessionTimeout }
        or TimeoutException;
}
