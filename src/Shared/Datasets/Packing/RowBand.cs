using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Some rows of an image, cut to a crop. Asked for further rows, it reads those that it does not hold.</summary>
/// <param name="reader">Is read downwards, and closed with the band.</param>
/// <param name="crop">Null: the whole image.</param>
internal sealed class RowBand(IRasterReader reader, PixelRectangle? crop) : IDisposable
{
    private byte[] _rows = [];
    private byte[] _uncut = [];
    private byte[] _flags = [];
    private byte[] _uncutFlags = [];
    private int _top;
    private int _count;

    /// <summary>Before it is cut.</summary>
    public ImageShape Whole => reader.Shape;

    public ImageShape Shape => crop is { } area ? Whole with { Width = area.Width, Height = area.Height } : Whole;

    /// <summary>An image of these rows, in a buffer that the next call reuses.</summary>
    /// <param name="first">Not above that of the call before.</param>
    /// <param name="count">How many.</param>
    public PixelImage Rows(int first, int count)
    {
        var rowBytes = Shape.Width * Shape.Channels * Shape.BytesPerValue;
        if (_rows.Length < count * rowBytes)
            Array.Resize(ref _rows, count * rowBytes);
        if (_flags.Length < count * Shape.Width)
            Array.Resize(ref _flags, count * Shape.Width);
        var kept = Math.Clamp(_top + _count - first, 0, count);
        if (kept > 0)
        {
            _rows.AsSpan((first - _top) * rowBytes, kept * rowBytes).CopyTo(_rows);
            _flags.AsSpan((first - _top) * Shape.Width, kept * Shape.Width).CopyTo(_flags);
        }
        Read(
            first + kept, count - kept, _rows.AsSpan(kept * rowBytes, (count - kept) * rowBytes),
            _flags.AsSpan(kept * Shape.Width, (count - kept) * Shape.Width));
        (_top, _count) = (first, count);
        return new PixelImage(Shape with { Height = count }, _rows);
    }

    /// <summary>Which pixels of the rows read last are none: 0 in one channel; null where all are there. As good as the rows.</summary>
    public PixelImage? Valid => PairValidity.Kept(new(new ImageShape(Shape.Width, _count, 1, PixelType.UInt8), _flags));

    public void Dispose() => reader.Dispose();

    private void Read(int first, int count, Span<byte> target, Span<byte> flags)
    {
        if (count == 0)
            return;
        if (crop is not { } area)
        {
            reader.ReadRows(first, count, target, flags);
            return;
        }
        var pixel = Whole.Channels * Whole.BytesPerValue;
        var uncut = new PixelImage(Whole with { Height = count }, _uncut = Grown(_uncut, count * Whole.Width * pixel));
        var uncutFlags = new PixelImage(new ImageShape(Whole.Width, count, 1, PixelType.UInt8), _uncutFlags = Grown(_uncutFlags, count * Whole.Width));
        reader.ReadRows(area.Y + first, count, uncut.Pixels.AsSpan(0, (int)uncut.Shape.Bytes), _uncutFlags.AsSpan(0, count * Whole.Width));
        var kept = area with { Y = 0, Height = count };
        kept.Cut(uncut).Bytes.CopyTo(target);
        kept.Cut(uncutFlags).Bytes.CopyTo(flags);
    }

    private static byte[] Grown(byte[] buffer, int bytes) => buffer.Length < bytes ? GC.AllocateUninitializedArray<byte>(bytes) : buffer;
}
