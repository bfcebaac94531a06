using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>A Windows bitmap of 24 or 32 bits, or of 8 with a palette: rows lie in the file as they are.</summary>
internal sealed class BmpRaster : IRasterReader
{
    private const int HeadBytes = 14 + 124 + 256 * 4;

    private readonly SafeFileHandle _file;
    private readonly int _bits, _stride;
    private readonly long _pixels;
    private readonly bool _bottomUp;
    private readonly byte[] _palette;
    private readonly byte[] _row;

    /// <exception cref="ImageException">The file is truncated, damaged, or of a kind that is not read.</exception>
    public BmpRaster(string path, string name)
    {
        Name = name;
        _file = File.OpenHandle(path);
        try
        {
            var head = new byte[HeadBytes];
            var length = RandomAccess.Read(_file, head, 0);
            Shape = BmpHeader.Read(head.AsSpan(0, length), name);
            RasterLimits.Check(Shape, name);
            var isCore = BitConverter.ToUInt32(head, 14) == 12;
            _bits = BitConverter.ToUInt16(head, isCore ? 24 : 28);
            _bottomUp = isCore || BitConverter.ToInt32(head, 22) > 0;
            _pixels = BitConverter.ToUInt32(head, 10);
            _stride = checked((int)(((long)Shape.Width * _bits + 31) / 32 * 4));
            if (_pixels + (long)_stride * Shape.Height > RandomAccess.GetLength(_file))
                throw ImageException.Truncated(
                    name, $"the BMP's pixels end at byte {_pixels + (long)_stride * Shape.Height:N0}, the file at " +
                    $"{RandomAccess.GetLength(_file):N0}");
            _palette = Palette(head, 14 + (int)BitConverter.ToUInt32(head, 14), isCore ? 3 : 4);
            _row = new byte[_stride];
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Name { get; }
    public ImageShape Shape { get; }
    public Georeference? Georeference => null;
    public double? NoData => null;

    public void ReadRows(int first, int count, Span<byte> target)
    {
        for (var y = first; y < first + count; y++)
        {
            var at = _pixels + (long)(_bottomUp ? Shape.Height - 1 - y : y) * _stride;
            for (var read = 0; read < _stride;)
            {
                var got = RandomAccess.Read(_file, _row.AsSpan(read), at + read);
                if (got == 0)
                    throw ImageException.Truncated(Name, $"the BMP ended while row {y:N0} was read");
                read += got;
            }
            Convert(target.Slice((y - first) * Shape.Width * 3, Shape.Width * 3));
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Colours are stored blue first.</summary>
    private void Convert(Span<byte> target)
    {
        var (source, size) = (_bits == 8 ? _palette : _row, _bits / 8);
        for (var x = 0; x < Shape.Width; x++)
        {
            var from = _bits == 8 ? _row[x] * 3 : x * size;
            (target[3 * x], target[3 * x + 1], target[3 * x + 2]) = (source[from + 2], source[from + 1], source[from]);
        }
    }

    /// <summary>As blue, green, red; black for colours that the palette does not have.</summary>
    private byte[] Palette(byte[] head, int start, int entry)
    {
        var palette = new byte[256 * 3];
        for (var color = 0; _bits == 8 && color < 256 && start + entry * (color + 1) <= Math.Min(_pixels, head.Length); color++)
            head.AsSpan(start + entry * color, 3).CopyTo(palette.AsSpan(3 * color));
        return palette;
    }
}
