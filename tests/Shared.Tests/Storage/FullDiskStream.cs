namespace ChangeDetection.Tests.Storage;

/// <summary>A disk with room for so many bytes; the next one, or only the flush at the end, fails as Linux does.</summary>
internal sealed class FullDiskStream(Stream inner, long room, bool onlyAtFlush) : Stream
{
    private const int NoSpace = 28;
    private long _room = room;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => inner.Length;
    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count)
    {
        var fits = (int)Math.Min(count, _room);
        inner.Write(buffer, offset, fits);
        _room -= fits;
        if (fits < count)
            throw Full();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.ToArray(), 0, buffer.Length);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
        if (onlyAtFlush)
            throw Full();
        inner.Flush();
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing) => inner.Dispose();

    private static IOException Full() => new("No space left on device") { HResult = NoSpace };
}
