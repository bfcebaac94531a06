using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>
/// A shard read from its copy. Bytes that fail their check were damaged on the local disk, as a rule: the copy is dropped, the shard fetched again, and
/// the bytes read once more. Where that does not help, the shard is read from its store, whose bytes have the last word.
/// </summary>
internal sealed class CachedShard(ShardManifest shard, CachedCopy copy, ShardCopies copies) : IShardBytes
{
    private readonly SemaphoreSlim _mending = new(1);
    /// <summary>Those that were replaced stay open: other reads may still use them.</summary>
    private readonly List<CachedCopy> _open = [copy];
    private volatile CachedCopy? _current = copy;

    public async Task ReadAsync(long offset, Memory<byte> destination, Action<int> check, CancellationToken cancellationToken)
    {
        var range = new CheckedRange(offset, destination, check);
        if (_current is { } used)
        {
            if (await range.ReadAsync(used, cancellationToken) is not { } damage || await MendAsync(used, range, damage, cancellationToken))
                return;
        }
        await copies.Stored(shard).ReadAsync(offset, destination, check, cancellationToken);
    }

    public void Dispose()
    {
        _open.ForEach(old => old.Dispose());
        _mending.Dispose();
    }

    /// <summary>Whether the range was filled from another copy than the damaged one.</summary>
    private async Task<bool> MendAsync(CachedCopy used, CheckedRange range, ShardCorruptException damage, CancellationToken cancellationToken)
    {
        await _mending.WaitAsync(cancellationToken);
        try
        {
            if (_current == used)
            {
                _current = await copies.ReplaceAsync(shard, range, damage, cancellationToken);
                if (_current is not null)
                    _open.Add(_current);
            }
            return _current is { } fresh && await range.ReadAsync(fresh, cancellationToken) is null;
        }
        finally
        {
            _mending.Release();
        }
    }
}
