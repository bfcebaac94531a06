using System.IO.Compression;
using System.Security.Cryptography;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Worker.Prediction;

/// <summary>The inflated values of a strip's object.</summary>
internal sealed class HashedReads : IDisposable
{
    private readonly SHA256 _sha = SHA256.Create();
    private readonly CryptoStream _hashing;
    private readonly ZLibStream _inflating;
    private readonly StoredStrip _strip;

    public HashedReads(Stream stream, StoredStrip strip)
    {
        _strip = strip;
        _hashing = new CryptoStream(stream, _sha, CryptoStreamMode.Read);
        _inflating = new ZLibStream(_hashing, CompressionMode.Decompress);
    }

    /// <exception cref="IOException">The object is damaged: the next attempt makes the strip again.</exception>
    public void Read(Span<byte> values)
    {
        try
        {
            _inflating.ReadExactly(values);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(exception);
        }
    }

    /// <exception cref="IOException">The values read were not those that were stored.</exception>
    public void RequireEnd()
    {
        _hashing.CopyTo(Stream.Null);
        if (Convert.ToHexStringLower(_sha.Hash!) != _strip.Sha256)
            throw Damaged(null);
    }

    public void Dispose()
    {
        _inflating.Dispose();
        _hashing.Dispose();
        _sha.Dispose();
    }

    private IOException Damaged(Exception? inner) => new($"{_strip.ObjectKey}: it was changed or damaged after it was stored. The strip is made again.", inner);
}
