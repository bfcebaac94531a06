using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// A raster with other values: each is mapped and becomes the nearest one of the wanted type. Which pixels are there is what the file says of its own
/// values; so there is no value for "nothing was seen here" among the mapped ones.
/// </summary>
public sealed class RescaledRaster : IRasterReader
{
    private readonly IRasterReader _file;
    private readonly Func<double, double> _map;
    /// <summary>What whole numbers become, in bytes of the wanted type.</summary>
    private readonly byte[] _table;
    private byte[] _rows = [];

    /// <param name="file">Disposed of with this.</param>
    /// <param name="map">From a value of the file to one of the wanted type.</param>
    /// <param name="type">The wanted type. Whole numbers are rounded, halves up, and end where the type ends.</param>
    public RescaledRaster(IRasterReader file, Func<double, double> map, PixelType type)
    {
        (_file, _map, Shape) = (file, map, file.Shape with { Type = type });
        var count = file.Shape.Type switch { PixelType.UInt8 => byte.MaxValue + 1, PixelType.UInt16 => ushort.MaxValue + 1, _ => 0 };
        _table = new byte[count * Shape.BytesPerValue];
        for (var value = 0; value < count; value++)
            Write(value, _table.AsSpan(value * Shape.BytesPerValue));
    }

    public string Name => _file.Name;
    public ImageShape Shape { get; }
    public Georeference? Georeference => _file.Georeference;
    public double? NoData => null;

    public void ReadRows(int first, int count, Span<byte> target)
    {
        var rows = Reserve(count);
        _file.ReadRows(first, count, rows);
        Map(rows, target);
    }

    public void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
    {
        var rows = Reserve(count);
        _file.ReadRows(first, count, rows, validity);
        Map(rows, target);
    }

    public void Dispose() => _file.Dispose();

    private Span<byte> Reserve(int count)
    {
        var bytes = (int)(_file.Shape with { Height = count }).Bytes;
        if (_rows.Length < bytes)
            _rows = GC.AllocateUninitializedArray<byte>(bytes);
        return _rows.AsSpan(0, bytes);
    }

    private void Map(ReadOnlySpan<byte> rows, Span<byte> target)
    {
        var size = Shape.BytesPerValue;
        switch (_file.Shape.Type)
        {
            case PixelType.UInt8:
                for (var i = 0; i < rows.Length; i++)
                    _table.AsSpan(rows[i] * size, size).CopyTo(target[(i * size)..]);
                break;
            case PixelType.UInt16:
                var numbers = MemoryMarshal.Cast<byte, ushort>(rows);
                for (var i = 0; i < numbers.Length; i++)
                    _table.AsSpan(numbers[i] * size, size).CopyTo(target[(i * size)..]);
                break;
            default:
                var values = MemoryMarshal.Cast<byte, float>(rows);
                for (var i = 0; i < values.Length; i++)
                    Write(values[i], target[(i * size)..]);
                break;
        }
    }

    private void Write(double value, Span<byte> target)
    {
        var mapped = _map(value);
        switch (Shape.Type)
        {
            case PixelType.UInt8: target[0] = byte.CreateSaturating(Math.Floor(mapped + 0.5)); break;
            case PixelType.UInt16: MemoryMarshal.Write(target, ushort.CreateSaturating(Math.Floor(mapped + 0.5))); break;
            default: MemoryMarshal.Write(target, (float)mapped); break;
        }
    }
}
