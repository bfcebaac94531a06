namespace ChangeDetection.Core.Storage.Remote;

/// <summary>The bytes of one part as a request's body. Each piece that the connection takes shows that it moves.</summary>
internal sealed class PartBody(byte[] bytes, int count, IdleLimit limit) : OneWayStream
{
    /// <summary>What is taken at once: little enough that a slow line shows progress within any sensible idle timeout.</summary>
    private const int LongestPiece = 64 * 1024;

    private int _position;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override long Length => count;
    public override long Position { get => _position; set => _position = checked((int)value); }

    public override int Read(Span<byte> buffer)
    {
        limit.Touch();
        var piece = bytes.AsSpan(_position, Math.Min(Math.Min(buffer.Length, LongestPiece), count - _position));
        piece.CopyTo(buffer);
        _position += piece.Length;
        return piece.Length;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => _position,
        _ => count,
    };
}
