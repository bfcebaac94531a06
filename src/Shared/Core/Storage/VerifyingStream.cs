using System.Security.Cryptography;
using ChangeDetection.Core.Hashing;

namespace ChangeDetection.Core.Storage;

/// <summary>
/// Reads an object and hashes it on the way; the read that finds its end throws unless the whole was what was published. Until then, what was read is
/// not known to be right: a reader that knows by itself where its data end calls <see cref="RequireEndAsync"/> before it uses them.
/// </summary>
public sealed class VerifyingStream : OneWayStream
{
    private readonly IncrementalHash _hash = Sha256Hex.Begin();
    private readonly Stream _inner;
    private readonly Uri _root;
    private readonly PublishedObject? _published;
    private string? _sha256;

    /// <param name="inner">Disposed with this stream.</param>
    /// <param name="root">Of the store, for messages.</param>
    /// <param name="published">Null: nothing is known of the object, and <see cref="Sha256"/> only says what it was.</param>
    public VerifyingStream(Stream inner, Uri root, PublishedObject? published) => (_inner, _root, _published) = (inner, root, published);

    /// <summary>Of all that there was to read.</summary>
    /// <exception cref="InvalidOperationException">The end was not reached.</exception>
    public string Sha256 => _sha256 ?? throw new InvalidOperationException("The hash is known at the end of the stream.");

    /// <summary>How many bytes have been read.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    public static async Task<VerifyingStream> OpenAsync(IObjectStore store, PublishedObject published, CancellationToken cancellationToken) =>
        new(await store.OpenReadAsync(published.Key, 0, null, cancellationToken), store.Root, published);

    /// <exception cref="ObjectDamagedException">This is the end, and the object was not what was published.</exception>
    public override int Read(Span<byte> buffer)
    {
        var read = _inner.Read(buffer);
        Passed(buffer[..read], isEnd: read == 0 && !buffer.IsEmpty);
        return read;
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _inner.ReadAsync(buffer, cancellationToken);
        Passed(buffer.Span[..read], isEnd: read == 0 && !buffer.IsEmpty);
        return read;
    }

    /// <summary>Reads what is left, to know whether what was read is right.</summary>
    /// <exception cref="ObjectDamagedException">It is not.</exception>
    public Task RequireEndAsync(CancellationToken cancellationToken) => CopyToAsync(Null, cancellationToken);

    /// <inheritdoc cref="RequireEndAsync"/>
    public void RequireEnd() => CopyTo(Null);

    /// <summary>What to throw where the bytes show by themselves, before their end, that they are not what was published.</summary>
    public ObjectDamagedException Damaged(string problem, Exception? inner = null) =>
        new(_root, _published?.Key
            ?? throw new InvalidOperationException("Nothing is known of the object."), $"{problem} {_published.Remedy}".TrimEnd(), inner);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Passed(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        _hash.AppendData(bytes);
        BytesRead += bytes.Length;
        if (!isEnd || _sha256 is not null)
            return;
        _sha256 = Sha256Hex.End(_hash);
        if (_published is { Sha256: var expected } && expected != _sha256)
            throw Damaged($"its SHA-256 is {_sha256}, but {expected} was published; the stored object is damaged.");
    }
}
