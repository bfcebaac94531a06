using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Datasets.Packing;

/// <summary>A mask by rows, converted as <see cref="MaskConversion"/> says.</summary>
/// <param name="reader">The image, which is closed with this.</param>
/// <param name="largest">The largest value of the whole mask, where it has 16 bits or more.</param>
internal sealed class MaskRows(IRasterReader reader, int largest) : IRasterReader
{
    private byte[] _rows = [];

    public string Name => reader.Name;

    public ImageShape Shape => MaskConversion.ShapeOf(reader.Shape);

    public Georeference? Georeference => reader.Georeference;

    public double? NoData => reader.NoData;

    public void ReadRows(int first, int count, Span<byte> target)
    {
        if (reader.Shape == Shape)
        {
            reader.ReadRows(first, count, target);
            return;
        }
        var shape = reader.Shape with { Height = count };
        if (_rows.Length < shape.Bytes)
            _rows = GC.AllocateUninitializedArray<byte>((int)shape.Bytes);
        reader.ReadRows(first, count, _rows.AsSpan(0, (int)shape.Bytes));
        MaskConversion.InPlace(new PixelImage(shape, _rows), largest).Bytes.CopyTo(target);
    }

    public void Dispose() => reader.Dispose();
}
