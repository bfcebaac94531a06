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
        var kept = Math.Clamp(_top + _count - first, 0, count);
        if (kept > 0)
            _rows.AsSpan((first - _top) * rowBytes, kept * rowBytes).CopyTo(_rows);
        Read(first + kept, count - kept, _rows.AsSpan(kept * rowBytes, (count - kept) * rowBytes));
        (_top, _count) = (first, count);
        return new PixelImage(Shape with { Height = count }, _rows);
    }

    public void Dispose() => reader.Dispose();

    private void Read(int first, int count, Span<byte> target)
    {
        if (count == 0)
            return;
        if (crop is not { } area)
        {
            reader.ReadRows(first, count, target);
            return;
        }
        var pixel = Whole.Channels * Whole.BytesPerValue;
        var uncut = new PixelImage(Whole with { Height = count }, _uncut = Grown(_uncut, count * Whole.Width * pixel));
        reader.ReadRows(area.Y + first, count, uncut.Pixels.AsSpan(0, (int)uncut.Shape.Bytes));
        (area with { Y = 0, Height = count }).Cut(uncut).Bytes.CopyTo(target);
    }

    private static byte[] Grown(byte[] buffer, int bytes) => buffer.Length < bytes ? GC.AllocateUninitializedArray<byte>(bytes) : buffer;
}
