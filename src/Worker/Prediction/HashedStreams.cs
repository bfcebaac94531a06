using System.IO.Compression;
using System.Security.Cryptography;
using ChangeDetection.Predictions;

namespace ChangeDetection.Worker.Prediction;

/// <summary>Passes bytes on, and knows how many there were and their hash.</summary>
internal sealed class HashedWrites(Stream inner) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Bytes { get; private set; }

    public string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer);
        Bytes += buffer.Length;
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override void Flush() => inner.Flush();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}

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
