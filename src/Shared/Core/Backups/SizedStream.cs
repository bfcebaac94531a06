using ChangeDetection.Core.Storage;

namespace ChangeDetection.Core.Backups;

/// <summary>
/// A forward-only stream whose length is known beforehand. It passes for one that can seek: what cannot is taken into memory whole by
/// <c>System.Formats.Tar</c> before it writes an entry of it, and what can is copied from where it stands.
/// </summary>
/// <param name="length">Whoever passes it on looks afterwards whether that was true.</param>
internal sealed class SizedStream(Stream inner, long length) : OneWayStream
{
    private long _position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override long Length => length;
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        _position += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _position += read;
        return read;
    }
}
