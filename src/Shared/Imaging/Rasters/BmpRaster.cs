using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;
using Microsoft.Win32.SafeHandles;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>A Windows bitmap of 24 or 32 bits, or of 8 with a palette: rows lie in the file as they are.</summary>
internal sealed class BmpRaster : IRasterReader
{
    private readonly SafeFileHandle _file;
    private readonly BmpHeader _header;
    private readonly BmpRows _rows;
    private readonly byte[] _row;

    /// <exception cref="ImageException">The file is truncated, damaged, or of a kind that is not read.</exception>
    public BmpRaster(string path, string name)
    {
        Name = name;
        _file = File.OpenHandle(path);
        try
        {
            var head = new byte[BmpHeader.MaxBytes];
            var length = RandomAccess.Read(_file, head, 0);
            _header = BmpHeader.Read(head.AsSpan(0, length), name);
            RasterLimits.Check(Shape, name);
            _header.CheckLength(RandomAccess.GetLength(_file), name);
            _rows = new BmpRows(_header, head.AsSpan(0, length));
            _row = new byte[_header.Stride];
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Name { get; }
    public ImageShape Shape => _header.Shape;
    public Georeference? Georeference => null;
    public double? NoData => null;

    public void ReadRows(int first, int count, Span<byte> target)
    {
        for (var y = first; y < first + count; y++)
        {
            var at = _header.RowAt(y);
            for (var read = 0; read < _row.Length;)
            {
                var got = RandomAccess.Read(_file, _row.AsSpan(read), at + read);
                if (got == 0)
                    throw ImageException.Truncated(Name, $"the BMP ended while row {y:N0} was read");
                read += got;
            }
            _rows.Convert(_row, target.Slice((y - first) * Shape.Width * 3, Shape.Width * 3));
        }
    }

    public void Dispose() => _file.Dispose();
}
