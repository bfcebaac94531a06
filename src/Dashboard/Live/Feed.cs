using ChangeDetection.Core.Database;
using Npgsql;

namespace ChangeDetection.Dashboard.Live;

/// <summary>
/// One view of the database that any number of viewers watch: it is read once for all of them, and not at all while nobody looks,
/// so that viewers cost the database nothing that a lease renewal would have to wait for.
/// </summary>
public sealed partial class Feed<T>(FeedSource<T> source, RunChangeSignal changes, IHostApplicationLifetime host, TimeProvider time, ILogger<Feed<T>> logger)
    where T : class
{
    /// <summary>Changes come in bursts (a sweep is submitted): they are read together.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(150);

    private readonly Lock _lock = new();
    private readonly HashSet<Action<Snapshot<T>>> _viewers = [];
    private CancellationTokenSource? _loop;

    /// <summary>The newest reading; null before the first.</summary>
    public Snapshot<T>? Latest { get; private set; }

    public bool IsWatched
    {
        get
        {
            lock (_lock)
                return _viewers.Count > 0;
        }
    }

    /// <summary>A reading that is no older than the feed's pace, for the first rendering of a page.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task<Snapshot<T>> ReadAsync(CancellationToken cancellationToken)
    {
        if (Latest is { Problem: null } latest && time.GetUtcNow() - latest.ReadAt < source.Pace(latest.Value))
            return latest;
        return Latest = new Snapshot<T>(await source.Read(Latest?.Value, cancellationToken), time.GetUtcNow());
    }

    /// <summary>Calls <paramref name="show"/> after every reading until the result is disposed.</summary>
    public IDisposable Subscribe(Action<Snapshot<T>> show)
    {
        lock (_lock)
        {
            _viewers.Add(show);
            if (_loop is null)
            {
                // Open pages outlive the host's wish to stop; what they watch must not outlive the database's connections.
                _loop = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping);
                var token = _loop.Token;
                _ = Task.Run(() => RunAsync(token), CancellationToken.None);
            }
        }
        return new Subscription(this, show);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // Taken before reading: a change that comes while we read is read in the next round.
                var changed = changes.Next;
                await RefreshAsync(cancellationToken);
                var pace = Task.Delay(Latest is { } latest ? source.Pace(latest.Value) : TimeSpan.FromSeconds(1), time, cancellationToken);
                if (await Task.WhenAny(changed, pace) == changed)
                    await Task.Delay(s_gather, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The last viewer left, or the host stops.
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            Latest = new Snapshot<T>(await source.Read(Latest?.Value, cancellationToken), time.GetUtcNow());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The top of a loop that must go on: viewers keep what they see and are told how old it is.
            if (error is NpgsqlException)
                LogAway(DatabaseProblem.Describe(error));
            else
                LogUnreadable(error);
            if (Latest is not { } latest)
                return;
            Latest = latest with
            {
                Problem = error is NpgsqlException ? "The database does not answer." : "The database was not understood; the log says why.",
            };
        }
        Action<Snapshot<T>>[] viewers;
        lock (_lock)
            viewers = [.. _viewers];
        foreach (var show in viewers)
            show(Latest);
    }

    private void Unsubscribe(Action<Snapshot<T>> show)
    {
        lock (_lock)
        {
            _viewers.Remove(show);
            if (_viewers.Count > 0 || _loop is null)
                return;
            _loop.Cancel();
            _loop.Dispose();
            _loop = null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The dashboard could not read the database: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The dashboard could not read the database")]
    private partial void LogUnreadable(Exception error);

    private sealed class Subscription(Feed<T> feed, Action<Snapshot<T>> show) : IDisposable
    {
        public void Dispose() => feed.Unsubscribe(show);
    }
}

/// <summary>Where a feed reads, and how often.</summary>
/// <param name="Read">Is given the reading before, whose unchanging parts it may keep.</param>
/// <param name="Pace">Time between two readings when no change is announced.</param>
public sealed record FeedSource<T>(Func<T?, CancellationToken, Task<T>> Read, Func<T, TimeSpan> Pace);
