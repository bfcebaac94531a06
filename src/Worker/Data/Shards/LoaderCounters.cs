using System.Diagnostics;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>What a data set's streams have done so far, all together. Safe for concurrent use.</summary>
public sealed class LoaderCounters
{
    private long _bytes;
    private long _hits;
    private long _misses;
    private long _samples;
    private long _decodedHits;
    private long _decodedBytesRead;
    private long _decodedDamaged;
    private long _storageTicks;
    private long _decodingTicks;

    /// <summary>How the loader is set up; null where nobody has said.</summary>
    public LoaderSetup? Setup { get; internal set; }

    /// <summary>Bytes that came from the data set's store, whole shards that were copied too.</summary>
    public long BytesRead => Volatile.Read(ref _bytes);

    /// <summary>Shards that were opened and had a copy in the cache.</summary>
    public long CacheHits => Volatile.Read(ref _hits);

    /// <summary>Shards that were opened with the cache on, and had none.</summary>
    public long CacheMisses => Volatile.Read(ref _misses);

    /// <summary>Samples put into batches.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>Samples whose pixels came from the decoded cache.</summary>
    public long DecodedHits => Volatile.Read(ref _decodedHits);

    /// <summary>Bytes read from the decoded cache.</summary>
    public long DecodedBytesRead => Volatile.Read(ref _decodedBytesRead);

    /// <summary>Records of the decoded cache that were not what had been recorded, and were decoded anew.</summary>
    public long DecodedDamaged => Volatile.Read(ref _decodedDamaged);

    /// <summary>How long consumers waited for batches while the decoders had nothing to do; the first batch of a stream does not count.</summary>
    public TimeSpan WaitedForStorage => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _storageTicks));

    /// <summary>The same while the decoders were behind.</summary>
    public TimeSpan WaitedForDecoding => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _decodingTicks));

    internal void AddBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);

    internal void AddOpening(bool hit) => Interlocked.Increment(ref hit ? ref _hits : ref _misses);

    internal void Delivered() => Interlocked.Increment(ref _samples);

    internal void DecodedHit() => Interlocked.Increment(ref _decodedHits);

    internal void DecodedRead(long bytes) => Interlocked.Add(ref _decodedBytesRead, bytes);

    internal void Damaged() => Interlocked.Increment(ref _decodedDamaged);

    internal void AddWait(long ticks, bool forDecoding) => Interlocked.Add(ref forDecoding ? ref _decodingTicks : ref _storageTicks, ticks);
}
