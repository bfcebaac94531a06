using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Worker.Data.Shards;

/// <summary>A shard read where it lies, each range by itself.</summary>
internal sealed class StoredShard(IObjectStore store, string name, LoaderCounters counters) : IShardBytes
{
    public async Task ReadAsync(long offset, Memory<byte> destination, Action<int> check, CancellationToken cancellationToken)
    {
        int read;
        await using (var stream = await store.OpenReadAsync(new ObjectKey(name), offset, destination.Length, cancellationToken))
        {
            CrashPoint.Reach(CrashPoints.SampleReading);
            read = await stream.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellationToken);
        }
        counters.AddBytes(read);
        check(read);
    }

    public void Dispose()
    {
        // Nothing is held between two reads.
    }
}
