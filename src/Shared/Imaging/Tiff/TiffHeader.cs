using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// Shape of the first image of a TIFF that is to be decoded whole, read from its directory alone.
/// Tiles are bounded like the image: a decoder allocates a whole tile even where the image is one pixel.
/// </summary>
internal static class TiffHeader
{
    public static ImageShape Read(ReadOnlySpan<byte> file, ImageLimits limits, string name)
    {
        var format = TiffFormat.Read(TiffDirectory.First(file, name), name);
        if (format.Photometric < 0)
            throw ImageException.Unsupported(name, "a TIFF that does not say what its values are (photometric interpretation)");
        if (format.TileWidth > 0 && format.TileHeight > 0)
            limits.Check(new ImageShape(Clamp(format.TileWidth), Clamp(format.TileHeight), format.Samples, format.Type), name + " (one tile)");
        return format.Shape;
    }

    private static int Clamp(long value) => (int)Math.Min(value, int.MaxValue);
}
