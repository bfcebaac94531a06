using System.Threading.Channels;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>A sample to be read, and the shard that it is read from; none for one whose pixels are in the decoded cache.</summary>
internal readonly record struct PlacedSample(SampleRef Place, ShardInUse? Shard);

/// <summary>
/// The first stage of the road: walks the order some way in front of the reader and opens each shard before it is needed, so that the next window's are
/// there, fetched or at least indexed, when the present one ends. How far it goes is bounded by the shards' number and, with a cache, by their bytes: a shard
/// is closed when the reader has done with all that was walked of it and another needs its room.
/// </summary>
/// <param name="sources">The splits that the order's places lie in.</param>
/// <param name="window">Shards that are read from in turns, of all sources together.</param>
internal sealed class ShardPrefetcher(IReadOnlyList<SplitSource> sources, int window) : IAsyncDisposable
{
    /// <summary>Bounds the walk where samples are tiny.</summary>
    public const int PlacesAhead = 1 << 16;

    /// <summary>Enough to fill a line whose every request takes its time.</summary>
    private const int OpensAtOnce = 4;

    private readonly int _capacity = window + (sources.All(source => source.Shards is { IsOnDisk: true, CacheBytes: null }) ? 1 : Math.Max(window, 2));
    /// <summary>All sources share the machine's one cache.</summary>
    private readonly long? _room = sources.Select(source => source.Shards.CacheBytes).FirstOrDefault(room => room is not null);
    private readonly Dictionary<(int Source, int Shard), ShardInUse> _open = [];
    private readonly SemaphoreSlim _opens = new(OpensAtOnce);
    private readonly SemaphoreSlim _idle = new(0, 1);
    private long _bytes;

    /// <summary>Runs until the order ends. A shard that cannot be opened fails the samples that need it, not the walk.</summary>
    public async Task RunAsync(IEnumerable<SampleRef> order, ChannelWriter<PlacedSample> places, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            foreach (var place in order)
            {
                var source = sources[place.Source];
                var shard = source.Decoded?.Has(place) == true ? null : await EnterAsync(place, source, cancellationToken);
                shard?.Use(place.Position);
                await places.WriteAsync(new PlacedSample(place, shard), cancellationToken);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        places.Complete(failure);
    }

    /// <summary>Closes all shards. Only after all reading has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var shard in _open.Values)
            await shard.CloseAsync();
        _opens.Dispose();
        _idle.Dispose();
    }

    private async ValueTask<ShardInUse> EnterAsync(SampleRef place, SplitSource source, CancellationToken cancellationToken)
    {
        var number = (place.Source, place.Shard);
        if (_open.TryGetValue(number, out var shard))
            return shard;
        var manifest = source.ShardOf(place);
        while (!HasRoom(manifest))
        {
            if (!await TryCloseOneAsync())
                await _idle.WaitAsync(cancellationToken);
        }
        _bytes += manifest.Bytes;
        return _open[number] = new ShardInUse(manifest, OpenAsync(source.Shards, manifest, cancellationToken), OnIdle);
    }

    private bool HasRoom(ShardManifest shard) =>
        _open.Count == 0 || (_open.Count < _capacity && (_room is not { } most || _bytes + shard.Bytes <= most));

    private async ValueTask<bool> TryCloseOneAsync()
    {
        // Those walked last may be of the window that is just being entered, and idle only because the walk has seen little of it: closed, they would
        // be fetched anew.
        var closable = _open.OrderByDescending(open => open.Value.LastPosition).Skip(window - 1).Where(open => open.Value.IsIdle).ToList();
        if (closable.Count == 0)
            return false;
        var (number, shard) = closable[^1];
        _open.Remove(number);
        _bytes -= shard.Manifest.Bytes;
        await shard.CloseAsync();
        return true;
    }

    private async Task<OpenShard> OpenAsync(ShardSource source, ShardManifest shard, CancellationToken cancellationToken)
    {
        await _opens.WaitAsync(cancellationToken);
        try
        {
            return await source.OpenAsync(shard, cancellationToken);
        }
        finally
        {
            _opens.Release();
        }
    }

    private void OnIdle()
    {
        lock (_open)
        {
            if (_idle.CurrentCount == 0)
                _idle.Release();
        }
    }
}
