using System.Runtime.CompilerServices;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Worker.Tests.Data;

/// <summary>A store that counts the bytes asked of shards and the streams that are open, and can hold reads up.</summary>
internal sealed class WatchedStore(IObjectStore inner) : IObjectStore
{
    private long _shardBytes;
    private int _open;
    private int _reads;
    private int _shardReads;

    public Uri Root => inner.Root;
    public long ShardBytes => Volatile.Read(ref _shardBytes);
    public int Open => Volatile.Read(ref _open);
    /// <summary>Reads of any object.</summary>
    public int Reads => Volatile.Read(ref _reads);
    public int ShardReads => Volatile.Read(ref _shardReads);

    /// <summary>Awaited before each read of a shard.</summary>
    public Func<CancellationToken, Task> Gate { get; set; } = _ => Task.CompletedTask;

    public Task<long?> LengthAsync(ObjectKey key, CancellationToken cancellationToken) => inner.LengthAsync(key, cancellationToken);

    public async Task<Stream> OpenReadAsync(ObjectKey key, long offset, long? length, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        if (!key.Value.EndsWith(".tar", StringComparison.Ordinal))
            return await inner.OpenReadAsync(key, offset, length, cancellationToken);
        Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _shardReads);
        try
        {
            Interlocked.Add(ref _shardBytes, length ?? 0);
            await Gate(cancellationToken);
            return await inner.OpenReadAsync(key, offset, length, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    public Task PutAsync(ObjectKey key, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        inner.PutAsync(key, write, cancellationToken);

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in inner.ListAsync(prefix, cancellationToken))
            yield return item;
    }

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);
}
