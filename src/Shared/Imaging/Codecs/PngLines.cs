using System.Buffers;
using ChangeDetection.Imaging.Codecs.Deflate;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// The filtered rows of a PNG, inflated some dozens at a time into a buffer that also keeps what matches may refer to: so much memory, however large the image.
/// </summary>
internal ref struct PngLines : IDisposable
{
    private readonly Inflater _inflater;
    private readonly string _name;
    private readonly int _lineBytes;
    private readonly int _batch;
    private readonly byte[] _buffer;
    private int _start;
    private int _end;

    /// <param name="lineBytes">Bytes of a row, its filter's number included.</param>
    /// <param name="batch">Rows inflated at a time.</param>
    public PngLines(Inflater inflater, string name, int lineBytes, int batch)
    {
        (_inflater, _name, _lineBytes, _batch) = (inflater, name, lineBytes, batch);
        _buffer = ArrayPool<byte>.Shared.Rent(checked(Inflater.Window + batch * lineBytes + Inflater.Slack));
    }

    /// <summary>The next row, which is number <paramref name="y"/> of so many.</summary>
    /// <exception cref="ImageException">The compressed pixels are damaged, or end before.</exception>
    public ReadOnlySpan<byte> Next(int y, int height)
    {
        if (_end - _start < _lineBytes)
            Inflate(y, height);
        var line = _buffer.AsSpan(_start, _lineBytes);
        _start += _lineBytes;
        return line;
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Inflate(int y, int height)
    {
        var wanted = Math.Min(_batch, height - y) * _lineBytes;
        if (_start + wanted > _buffer.Length - Inflater.Slack)
        {
            var kept = Math.Min(_start, Inflater.Window);
            _buffer.AsSpan(_start - kept, _end - _start + kept).CopyTo(_buffer);
            (_start, _end) = (kept, _end - _start + kept);
        }
        try
        {
            _end = _inflater.Fill(_buffer, _end, _start + wanted);
        }
        catch (InvalidDataException e)
        {
            throw ImageException.Damaged(_name, $"the PNG's compressed pixels cannot be read from row {y} on ({e.Message})", e);
        }
        if (_end - _start < _lineBytes)
            throw ImageException.Truncated(_name, $"the PNG's compressed pixels end within the rows from {y} on");
    }
}
