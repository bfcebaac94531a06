using System.Globalization;
using ChangeDetection.Shards;
using ChangeDetection.Storage;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// The indexes of the shards in use, the least recently used one dropped first: as many as a window has shards,
/// however many the data set has. For one caller at a time.
/// </summary>
internal sealed class ShardIndexes(ShardDataset dataset, int capacity)
{
    private readonly Dictionary<string, LinkedListNode<ShardIndex>> _byName = new(StringComparer.Ordinal);
    private readonly LinkedList<ShardIndex> _byUse = new();

    /// <exception cref="ShardCorruptException">The shard is missing or has another length than the manifest says, or its index is not what was packed.</exception>
    public async ValueTask<ShardIndex> GetAsync(ShardManifest shard, CancellationToken cancellationToken)
    {
        if (_byName.TryGetValue(shard.Name, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
        await CheckLengthAsync(shard, cancellationToken);
        var index = await dataset.ReadIndexAsync(shard, cancellationToken);
        if (_byUse.Count == capacity)
        {
            _byName.Remove(_byUse.Last!.Value.Shard);
            _byUse.RemoveLast();
        }
        _byName[shard.Name] = _byUse.AddFirst(index);
        return index;
    }

    private async Task CheckLengthAsync(ShardManifest shard, CancellationToken cancellationToken)
    {
        var length = await dataset.Store.LengthAsync(new ObjectKey(shard.Name), cancellationToken);
        if (length != shard.Bytes)
            throw new ShardCorruptException(
                shard.Name,
                length is null ? "is missing" : string.Create(CultureInfo.InvariantCulture, $"has {length} bytes instead of {shard.Bytes}"),
                ShardCorruptException.CopyAgain);
    }
}
