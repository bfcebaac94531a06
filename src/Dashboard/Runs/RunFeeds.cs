using System.Collections.Concurrent;
using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Live;

namespace ChangeDetection.Dashboard.Runs;

/// <summary>A feed for each run that somebody looks at, forgotten some time after the last viewer left.</summary>
public sealed class RunFeeds(RunDetailReader reader, IServiceProvider services, TimeProvider time)
{
    private static readonly TimeSpan s_keep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_running = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_finished = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Feed<RunDetail>> _feeds = new();

    public Feed<RunDetail> For(Guid run)
    {
        foreach (var (id, feed) in _feeds)
        {
            if (id != run && !feed.IsWatched && (feed.Latest is not { } latest || time.GetUtcNow() - latest.ReadAt > s_keep))
                _feeds.TryRemove(id, out _);
        }
        return _feeds.GetOrAdd(run, id => ActivatorUtilities.CreateInstance<Feed<RunDetail>>(services, new FeedSource<RunDetail>(
            (previous, cancellationToken) => reader.ReadAsync(id, previous, cancellationToken),
            detail => detail.Run.State.IsTerminal() ? s_finished : s_running)));
    }
}
