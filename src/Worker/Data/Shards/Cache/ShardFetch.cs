using System.Buffers;
using System.Globalization;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>Copies a shard from its store, hashing it on the way: what is not what was packed gets no name in a cache.</summary>
internal sealed class ShardFetch(IObjectStore store, ShardManifest shard, LoaderCounters counters)
{
    private const int BufferBytes = 256 << 10;

    /// <exception cref="SourceException">The store failed, or holds something else than the manifest says (<see cref="ShardCorruptException"/>).</exception>
    public async Task CopyAsync(Stream destination, CancellationToken cancellationToken)
    {
        await using var hashing = new HashingStream(destination);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            // One byte more than there should be: a longer object is not to pass for the shard.
            await using var source = await OfSourceAsync(() => store.OpenReadAsync(new ObjectKey(shard.Name), 0, shard.Bytes + 1, cancellationToken));
            var copied = 0L;
            while (await OfSourceAsync(() => source.ReadAsync(buffer, cancellationToken).AsTask()) is > 0 and var read)
            {
                CrashPoint.Reach(CrashPoints.ShardFetching);
                counters.AddBytes(read);
                copied += read;
                if (copied > shard.Bytes)
                    break;
                await hashing.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
            Check(copied, hashing.Sha256());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Check(long copied, string found)
    {
        if (copied != shard.Bytes)
            throw Corrupt(
                string.Create(
                CultureInfo.InvariantCulture, $"has {(copied > shard.Bytes ? "more than" : $"{copied} bytes instead of")} {shard.Bytes}"));
        if (found != shard.Sha256)
            throw Corrupt($"has the SHA-256 {found} instead of {shard.Sha256}");
    }

    private SourceException Corrupt(string problem) => new(new ShardCorruptException(shard.Name, problem, ShardCorruptException.CopyAgain));

    /// <summary>Distinguishes the store's failures from the cache's, both of which are errors of input and output.</summary>
    private async Task<T> OfSourceAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (ObjectNotFoundException exception)
        {
            throw new SourceException(new ShardCorruptException(shard.Name, "is missing", ShardCorruptException.CopyAgain, exception));
        }
        catch (IOException exception)
        {
            throw new SourceException(exception);
        }
    }
}

/// <summary>The store that a shard is fetched from failed; the reason is inside.</summary>
internal sealed class SourceException(Exception reason) : Exception(reason.Message, reason);
