using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>An image that was decoded whole, read by rows as files are. It lies nowhere on the map.</summary>
/// <param name="valid">One channel of 8 bits, 0 where there is no pixel; null: told by the values alone.</param>
public sealed class MemoryRaster(string name, PixelImage image, PixelImage? valid) : IRasterReader
{
    public string Name => name;
    public ImageShape Shape => image.Shape;
    public Georeference? Georeference => null;
    public double? NoData => null;

    public void ReadRows(int first, int count, Span<byte> target)
    {
        var rowBytes = Shape.Width * Shape.Channels * Shape.BytesPerValue;
        image.Bytes.Slice(first * rowBytes, count * rowBytes).CopyTo(target);
    }

    public void ReadRows(int first, int count, Span<byte> target, Span<byte> validity)
    {
        ReadRows(first, count, target);
        validity.Fill(ValidPixels.Valid);
        ValidPixels.Exclude(Shape, target, NoData, validity);
        if (valid is not null)
            ValidPixels.ExcludeZeros(valid.Bytes.Slice(first * Shape.Width, count * Shape.Width), validity);
    }

    public void Dispose()
    {
    }
}
