namespace ChangeDetection.Images;

/// <summary>The compressed data of a PNG: its consecutive IDAT chunks as one stream.</summary>
internal sealed class PngDataStream : Stream
{
    private PngChunks _chunks;
    private ReadOnlyMemory<byte> _rest;

    /// <param name="chunks">A walk that stands on the first IDAT chunk.</param>
    public PngDataStream(PngChunks chunks) => (_chunks, _rest) = (chunks, chunks.Data);

    public override int Read(Span<byte> buffer)
    {
        while (_rest.IsEmpty && _chunks.Type == PngChunks.ImageData)
        {
            _chunks.Next();
            _rest = _chunks.Type == PngChunks.ImageData ? _chunks.Data : default;
        }
        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <summary>Walks on to the end of the file's image, so that a file cut behind its last pixel is noticed.</summary>
    public void ReadToEnd()
    {
        while (_chunks.Type != PngChunks.End)
            _chunks.Next();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
