using System.Net.Sockets;
using System.Security.Authentication;
using ChangeDetection.Core.Hosting;
using Npgsql;

namespace ChangeDetection.Core.Database;

/// <summary>
/// Waiting while the database is away. Everything that is repeated here is idempotent: claims by their id, metrics by their key,
/// events and log lines by their number, ends by their attempt.
/// </summary>
public static class Outage
{
    /// <summary>Npgsql's, when every host of several was away, or none of the kind asked for, the last time it looked; it has no cause then.</summary>
    private const string NoHost = "No suitable host";

    /// <summary>Failures in a row, some ten seconds of them, from which one is told.</summary>
    private const int Many = 8;

    private static readonly BackOff s_backOff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3));
    private static readonly TimeSpan s_tellEvery = TimeSpan.FromSeconds(30);
    private static long s_told;

    /// <summary>
    /// Told now and then, in words, while something is repeated for long: what a server refuses for good may look like an outage, and must not wait in silence.
    /// </summary>
    public static event Action<string>? Repeated;

    /// <summary>Runs an action until it gets through, for as long as the caller's token allows. Errors that are not an outage pass through.</summary>
    public static Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken) =>
        RetryAsync(action, s_backOff.Longest, cancellationToken);

    /// <inheritdoc cref="RetryAsync{T}(Func{CancellationToken, Task{T}}, CancellationToken)"/>
    /// <param name="longestPause">Between two tries; where less than the usual three seconds are to be lost when the database is back.</param>
    public static async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> action, TimeSpan longestPause, CancellationToken cancellationToken)
    {
        var backOff = s_backOff with { Longest = longestPause };
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await action(cancellationToken);
            }
            catch (Exception exception) when (IsOutage(exception) && !cancellationToken.IsCancellationRequested)
            {
                if (failures >= Many)
                    Tell(exception);
                await Task.Delay(backOff.Pause(failures), cancellationToken);
            }
        }
    }

    /// <inheritdoc cref="RetryAsync{T}(Func{CancellationToken, Task{T}}, CancellationToken)"/>
    public static Task RetryAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken) =>
        RetryAsync(
            async token =>
            {
                await action(token);
                return true;
            },
            cancellationToken);

    /// <summary>
    /// Whether a failure is the database's or the network's, and so passes by itself or when somebody has mended it there: no connection, no answer, or a
    /// refusal of a class that says so (<see cref="ServerRefusal"/>). What is wrong with a statement, a password or an address is none: it would fail again.
    /// </summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        PostgresException refusal => ServerRefusal.Passes(refusal),
        NpgsqlException { InnerException: { } cause } failure => failure.IsTransient || IsLoss(cause),
        NpgsqlException failure => failure.IsTransient || failure.Message.StartsWith(NoHost, StringComparison.Ordinal),
        _ => exception is TimeoutException,
    };

    private static void Tell(Exception exception)
    {
        var (now, told) = (TimeProvider.System.GetTimestamp(), Volatile.Read(ref s_told));
        if ((told == 0 || TimeProvider.System.GetElapsedTime(told, now) >= s_tellEvery) && Interlocked.CompareExchange(ref s_told, now, told) == told)
            Repeated?.Invoke(DatabaseProblem.Describe(exception));
    }

    /// <summary>What lies behind a connection that Npgsql did not get, or lost.</summary>
    private static bool IsLoss(Exception cause) => cause switch
    {
        // Of several hosts, one that comes back is enough.
        AggregateException several => several.InnerExceptions.Any(IsLoss),
        // A certificate that expired under running work is renewed on the server; at a start it is told as what it is (SessionCheck).
        IOException or SocketException or AuthenticationException => true,
        _ => IsOutage(cause),
    };
}
