using System.Security.Cryptography;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Core.Storage;

/// <summary>Passes what is written to it on to another stream, counting and hashing it on the way.</summary>
public sealed class HashingStream(Stream inner) : OneWayStream
{
    private readonly IncrementalHash _hash = Sha256Hex.Begin();

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    /// <summary>SHA-256 of all that was written, lower-case hexadecimal; ends the hash.</summary>
    public string Sha256() => Sha256Hex.End(_hash);

    public override bool CanWrite => true;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        Count(buffer);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        Count(buffer.Span);
    }

    public override void Flush() => inner.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Written += bytes.Length;
    }
}
