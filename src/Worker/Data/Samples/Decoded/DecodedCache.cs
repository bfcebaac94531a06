using System.Globalization;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>
/// The decoded pixels of samples seen before, the counterpart of Keras's <c>.cache()</c>. It changes no bit of what is delivered: only whole
/// images are kept, before any crop or augmentation, and each piece read is checked by XXH3. What does not fit is decoded as without it.
/// Safe for concurrent use.
/// </summary>
/// <param name="medium">Where the records go. The cache owns it.</param>
/// <param name="capacity">Bytes it may take there.</param>
/// <param name="warn">Called on damage that was mended, and on a medium that takes no more.</param>
internal sealed class DecodedCache(IDecodedMedium medium, long capacity, LoaderCounters counters, Action<string> warn) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<DecodedSplit> _splits = [];
    private long _used;
    private bool _full;

    public IDecodedMedium Medium => medium;

    public LoaderCounters Counters => counters;

    /// <summary>The part of a split. All are added before the first is used.</summary>
    /// <param name="shardSamples">Samples of each of its shards.</param>
    /// <param name="first">Whether others get only the room that it will leave over: so for what is trained on.</param>
    public DecodedSplit Add(IReadOnlyList<int> shardSamples, bool first)
    {
        var split = new DecodedSplit(this, _splits.Count, shardSamples, first);
        _splits.Add(split);
        return split;
    }

    /// <summary>Takes room for a record; null when there is none.</summary>
    public long? Reserve(DecodedSplit split, long bytes)
    {
        // What a split that comes first will take is unknown before its first sample: until then it is given everything.
        var keptFree = split.IsFirst ? 0 : _splits.Where(other => other.IsFirst).Sum(first => first.Expected ?? capacity);
        lock (_lock)
        {
            if (_full || _used + bytes > capacity - keptFree)
                return null;
            _used += bytes;
            return _used - bytes;
        }
    }

    /// <summary>The medium takes no more: what is there stays, and nothing is added.</summary>
    public void Close(IOException reason)
    {
        lock (_lock)
        {
            if (_full)
                return;
            _full = true;
        }
        warn($"The decoded cache does not grow any more, because writing to it failed: {reason.Message.TrimEnd('.')}. Samples that are not in it " +
            "are decoded each time.");
    }

    /// <summary>A record was not what had been recorded.</summary>
    public void Damaged(string shard, int sample)
    {
        counters.Damaged();
        warn(string.Create(CultureInfo.InvariantCulture,
            $"The decoded cache gave back other bytes for sample {sample} of {shard} than it had been given; the sample was decoded anew. If this " +
                $"happens again, check the disk of the scratch folder."));
    }

    public void Dispose() => medium.Dispose();
}
