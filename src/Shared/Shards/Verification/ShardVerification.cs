using System.Security.Cryptography;
using System.Text;
using ChangeDetection.Storage;

namespace ChangeDetection.Shards.Verification;

/// <summary>Reads one shard from front to back: its length and hash, the header and checksum of every member the index names, and its images.</summary>
internal sealed class ShardVerification(ShardDataset dataset, ShardManifest shard, ShardIndex index, bool deep, Action<DatasetDamage> found) : IDisposable
{
    private const int Chunk = 128 * 1024;
    private const int NameBytes = 100;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _chunk = new byte[Chunk];
    private readonly byte[] _header = new byte[ShardIndexText.TarBlock];
    private byte[] _field = [];
    private long _position;

    /// <exception cref="ShardCorruptException">The shard is missing or has another length, so that reading on would tell nothing new.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var key = new ObjectKey(shard.Name);
        var length = await dataset.Store.LengthAsync(key, cancellationToken) ?? throw Corrupt("is missing");
        if (length != shard.Bytes)
            throw Corrupt($"has {length} bytes instead of {shard.Bytes}");
        await using var stream = await dataset.Store.OpenReadAsync(key, 0, null, cancellationToken);
        var images = new SampleVerification(dataset.Manifest, shard, deep, found);
        for (var sample = 0; sample < index.Count; sample++)
            await VerifySampleAsync(stream, sample, images, cancellationToken);
        images.CheckChangeFraction();
        await SkipAsync(stream, shard.Bytes - _position, cancellationToken);
        if (Convert.ToHexStringLower(_hash.GetHashAndReset()) is var hash && hash != shard.Sha256)
            found(new(shard.Name, $"has the SHA-256 {hash} instead of {shard.Sha256}", ShardCorruptException.CopyAgain));
    }

    public void Dispose() => _hash.Dispose();

    private async Task VerifySampleAsync(Stream stream, int sample, SampleVerification images, CancellationToken cancellationToken)
    {
        var key = index.Key(sample);
        images.Begin(key, sample);
        foreach (var field in index.Fields(sample))
        {
            await SkipAsync(stream, field.Offset - ShardIndexText.TarBlock - _position, cancellationToken);
            await ReadAsync(stream, _header, cancellationToken);
            if (_field.Length < field.Length)
                _field = GC.AllocateUninitializedArray<byte>(field.Length);
            var bytes = _field.AsMemory(0, field.Length);
            await ReadAsync(stream, bytes, cancellationToken);
            try
            {
                CheckHeader($"{key}.{field.Name}", field);
                field.Verify(bytes.Span, shard.Name, key);
                images.Add(field, bytes);
            }
            catch (ShardCorruptException error)
            {
                images.Spoil();
                found(DatasetDamage.Of(error));
            }
        }
        images.End();
    }

    /// <summary>Any program that reads tars must find what the index names.</summary>
    private void CheckHeader(string member, ShardField field)
    {
        var name = Encoding.UTF8.GetString(_header.AsSpan(0, NameBytes)).TrimEnd('\0');
        if (name != member)
            throw Corrupt($"is damaged: at offset {field.Offset - ShardIndexText.TarBlock} the index has {member}, and the tar has no header of that name");
    }

    private async Task SkipAsync(Stream stream, long bytes, CancellationToken cancellationToken)
    {
        for (; bytes > 0; bytes -= Math.Min(bytes, Chunk))
            await ReadAsync(stream, _chunk.AsMemory(0, (int)Math.Min(bytes, Chunk)), cancellationToken);
    }

    private async Task ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < buffer.Length)
            throw Corrupt($"ends after {_position + read} of {shard.Bytes} bytes");
        _hash.AppendData(buffer.Span);
        _position += read;
    }

    private ShardCorruptException Corrupt(string problem) => new(shard.Name, problem, ShardCorruptException.CopyAgain);
}
