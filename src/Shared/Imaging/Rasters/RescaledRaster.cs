using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// A raster with other values: each is mapped and becomes the nearest one of the wanted type. Which pixels are there is what the file says of its own
/// values; so there is no value for "nothing was seen here" among the mapped ones.
/// </summary>
/// <param name="file">Disposed of with this.</param>
/// <param name="map">From a value of the file to one of the wanted type.</param>
/// <param name="type">The wanted type, as <see cref="ValueMap"/> rounds to it.</param>
public sealed class RescaledRaster(IRasterReader file, Func<double, double> map, PixelType type) : IRasterReader
{
    private readonly ValueMap _map = new(file.Shape.Type, type, map);
    private byte[] _rows = [];

    public string Name => file.Name;
    public ImageShape Shape { get; } = file.Shape with { Type = type };
    public Georeference? Georeference => file.Georeference;
    public double? NoData => null;

    public void ReadRows(int first, int count, Span<byte> target)
    {
        var rows = Reserve(count);
        file.ReadRows(first, count, rows);
        _map.Apply(rows, target);
    }

    public void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
    {
        var rows = Reserve(count);
        file.ReadRows(first, count, rows, validity);
        _map.Apply(rows, target);
    }

    public void Dispose() => file.Dispose();

    private Span<byte> Reserve(int count)
    {
        var bytes = (int)(file.Shape with { Height = count }).Bytes;
        if (_rows.Length < bytes)
            _rows = GC.AllocateUninitializedArray<byte>(bytes);
        return _rows.AsSpan(0, bytes);
    }
}
