namespace ChangeDetection.Worker.Data;

/// <summary>What the streams of a data set have done so far. Safe for concurrent use.</summary>
public sealed class LoaderCounters
{
    private long _samples;
    private long _bytesRead;
    private long _decodedHits;
    private long _decodedBytesRead;
    private long _decodedDamaged;

    /// <summary>Samples put into batches.</summary>
    public long Samples => Volatile.Read(ref _samples);
    /// <summary>Bytes of shards asked of the storage.</summary>
    public long BytesRead => Volatile.Read(ref _bytesRead);
    /// <summary>Samples whose pixels came from the decoded cache.</summary>
    public long DecodedHits => Volatile.Read(ref _decodedHits);
    /// <summary>Bytes read from the decoded cache.</summary>
    public long DecodedBytesRead => Volatile.Read(ref _decodedBytesRead);
    /// <summary>Records of the decoded cache that were not what had been recorded, and were decoded anew.</summary>
    public long DecodedDamaged => Volatile.Read(ref _decodedDamaged);

    internal void Delivered() => Interlocked.Increment(ref _samples);
    internal void Read(long bytes) => Interlocked.Add(ref _bytesRead, bytes);
    internal void DecodedHit() => Interlocked.Increment(ref _decodedHits);
    internal void DecodedRead(long bytes) => Interlocked.Add(ref _decodedBytesRead, bytes);
    internal void Damaged() => Interlocked.Increment(ref _decodedDamaged);
}
