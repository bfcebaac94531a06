using System.Globalization;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>Reads a small object whole, never more of it than its limit.</summary>
internal static class BoundedRead
{
    /// <exception cref="ShardCorruptException">The object is missing, larger than the limit, or shorter than its store says.</exception>
    public static async Task<byte[]> ReadAsync(IObjectStore store, string name, long limit, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(name);
        var length = await store.LengthAsync(key, cancellationToken)
            ?? throw new ShardCorruptException(name, "is missing", ShardCorruptException.CopyAgain);
        if (length > limit)
            throw new ShardCorruptException(
                name, string.Create(CultureInfo.InvariantCulture, $"has {length} bytes, and at most {limit} are possible here"),
                ShardCorruptException.CopyAgain);
        var bytes = new byte[length];
        await using var stream = await store.OpenReadAsync(key, 0, length, cancellationToken);
        var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return read == bytes.Length ? bytes : throw new ShardCorruptException(name, $"ends after {read} of {length} bytes", ShardCorruptException.CopyAgain);
    }

    /// <exception cref="ShardCorruptException">As above, or the bytes have another hash.</exception>
    public static async Task<byte[]> ReadAsync(IObjectStore store, string name, long limit, string sha256, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(store, name, limit, cancellationToken);
        var found = Sha256Hex.Of(bytes);
        return found == sha256
            ? bytes
            : throw new ShardCorruptException(name, $"has the SHA-256 {found} instead of {sha256}", ShardCorruptException.CopyAgain);
    }
}
