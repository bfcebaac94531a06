using System.Buffers;
using System.IO.Compression;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// Inflates the compressed pixels of a PNG and unfilters them row by row, pass by pass, as they come: <see cref="ZLibStream"/> copies to this stream.
/// Reading from it costs a fifth more, as it then takes its input in pieces of 8 KiB.
/// </summary>
internal abstract class PngRowSink : Stream
{
    /// <summary>Bytes inflated at a time: pieces of 64 and 128 KiB are slower, and an image of 256x256 RGB needs one piece.</summary>
    private const int PieceBytes = 256 * 1024;

    private readonly IReadOnlyList<PngPass> _passes;
    private readonly int _pixelBytes;
    private readonly long _imageBytes;
    /// <summary>A row whose end is in the next piece, as it is filtered.</summary>
    private readonly byte[] _begun;
    private readonly byte[] _even;
    private readonly byte[] _odd;
    private int _begunBytes;
    private int _pass;
    private int _y;
    /// <summary>Of the next row with its filter's number; 0 when all rows are complete.</summary>
    private int _lineBytes;
    private long _surplus;

    protected PngRowSink(PngHeader header, string name)
    {
        (Header, Name) = (header, name);
        _passes = PngPass.Of(header);
        _pixelBytes = Math.Max(1, header.StoredChannels * header.BitDepth / 8);
        var longest = LineBytes(header.Width);
        _imageBytes = (long)longest * header.Height;
        (_begun, _even, _odd) = (ArrayPool<byte>.Shared.Rent(longest), ArrayPool<byte>.Shared.Rent(longest), ArrayPool<byte>.Shared.Rent(longest));
        BeginPass(0);
    }

    protected PngHeader Header { get; }

    /// <summary>What an error calls the file.</summary>
    protected string Name { get; }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Inflates the image. What follows its last row is ignored, and the checksum with it where that is more than a piece.</summary>
    /// <param name="zlib">
    /// Holds the data of the IDAT chunks at its beginning, put together: encoders write chunks as small as the pieces that reading takes.
    /// </param>
    /// <param name="length">Bytes of them.</param>
    /// <exception cref="ImageException">The compressed pixels are damaged or end too early, or a row names a filter that there is not.</exception>
    public void Inflate(byte[] zlib, int length)
    {
        using var inflating = new ZLibStream(new MemoryStream(zlib, 0, length, writable: false), CompressionMode.Decompress);
        // Messages of the platform are left out: it calls every damage an unsupported compression of an archive.
        try
        {
            inflating.CopyTo(this, (int)Math.Min(PieceBytes, _imageBytes));
        }
        catch (SurplusException)
        {
            return;
        }
        catch (InvalidDataException)
        {
            throw ImageException.Damaged(
                Name, $"the PNG's compressed pixels cannot be read in or behind row {Top}, or do not match their checksum (Adler-32)");
        }
        // A ZLibException, which cannot be named. Without the flag it is a lack of memory, and not the file's fault.
        catch (IOException) when (length > 1 && (zlib[1] & 32) != 0)
        {
            throw ImageException.Damaged(Name, "the PNG's compressed pixels need a preset dictionary, which a PNG must not");
        }
        if (_lineBytes > 0)
            throw ImageException.Truncated(Name, $"the PNG's compressed pixels end within the rows from {Top} on");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_begunBytes > 0)
        {
            var missing = Math.Min(_lineBytes - _begunBytes, buffer.Length);
            buffer[..missing].CopyTo(_begun.AsSpan(_begunBytes));
            _begunBytes += missing;
            buffer = buffer[missing..];
            if (_begunBytes < _lineBytes)
                return;
            _begunBytes = 0;
            Unfilter(_begun.AsSpan(0, _lineBytes));
        }
        while (_lineBytes > 0 && buffer.Length >= _lineBytes)
        {
            var line = buffer[.._lineBytes];
            buffer = buffer[line.Length..];
            Unfilter(line);
        }
        if (_lineBytes > 0)
        {
            buffer.CopyTo(_begun);
            _begunBytes = buffer.Length;
        }
        else if ((_surplus += buffer.Length) > PieceBytes)
            throw new SurplusException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Where a row is unfiltered to; it must last until the next row is.</summary>
    /// <param name="y">Counted within the pass.</param>
    /// <param name="bytes">Of the row.</param>
    protected virtual Span<byte> RowBuffer(int y, int bytes) => ((y & 1) == 0 ? _even : _odd).AsSpan(0, bytes);

    /// <summary>Takes an unfiltered row.</summary>
    /// <param name="top">The image's row that it belongs to.</param>
    protected abstract void Take(ReadOnlySpan<byte> row, PngPass pass, int top);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ArrayPool<byte>.Shared.Return(_begun);
            ArrayPool<byte>.Shared.Return(_even);
            ArrayPool<byte>.Shared.Return(_odd);
        }
        base.Dispose(disposing);
    }

    /// <summary>The image's row that comes next; its height when all are complete.</summary>
    private int Top => _lineBytes == 0 ? Header.Height : _passes[_pass].Top + _y * _passes[_pass].Down;

    private int LineBytes(int columns) => checked((int)(((long)columns * Header.StoredChannels * Header.BitDepth + 7) / 8) + 1);

    private void BeginPass(int number)
    {
        // A small interlaced image has no pixels in some of its passes, and then no rows either.
        while (number < _passes.Count && (_passes[number].Columns(Header.Width) <= 0 || _passes[number].Rows(Header.Height) <= 0))
            number++;
        (_pass, _y) = (number, 0);
        _lineBytes = number < _passes.Count ? LineBytes(_passes[number].Columns(Header.Width)) : 0;
        // What a pass's first row is unfiltered against.
        _odd.AsSpan(0, _lineBytes).Clear();
    }

    private void Unfilter(ReadOnlySpan<byte> line)
    {
        var bytes = line.Length - 1;
        var above = _y == 0 ? _odd.AsSpan(0, bytes) : RowBuffer(_y - 1, bytes);
        var row = RowBuffer(_y, bytes);
        if (!PngFilter.Undo(line[0], line[1..], above, row, _pixelBytes))
            throw ImageException.Damaged(Name, $"row {Top} of the PNG names filter {line[0]}");
        Take(row, _passes[_pass], Top);
        if (++_y == _passes[_pass].Rows(Header.Height))
            BeginPass(_pass + 1);
    }

    /// <summary>Ends the inflating of what may be gigabytes behind the last row.</summary>
    private sealed class SurplusException : Exception;
}
