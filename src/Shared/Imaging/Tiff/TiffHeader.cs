using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// Shape of the first image of a TIFF or BigTIFF (TIFF 6.0, sections 2 and 8), read from its directory alone.
/// Tiles are bounded like the image: a decoder allocates a whole tile even where the image is one pixel.
/// </summary>
internal static class TiffHeader
{
    /// <summary>Of more bands no data set can be made; bands that lie apart are decoded one at a time, which takes time.</summary>
    private const int MaxBands = 1024;

    public static ImageShape Read(ReadOnlySpan<byte> file, ImageLimits limits, string name)
    {
        var directory = TiffDirectory.First(file, name);
        long width = 0, height = 0, bits = 1, samples = 1, photometric = -1, format = 1, tileWidth = 0, tileHeight = 0, extra = -1;
        for (var i = 0; i < directory.Count; i++)
        {
            var (tag, value) = directory.Entry(i);
            switch (tag)
            {
                case 256: width = value; break;
                case 257: height = value; break;
                case 258: bits = value; break;
                case 262: photometric = value; break;
                case 277: samples = value; break;
                case 322: tileWidth = value; break;
                case 323: tileHeight = value; break;
                case 338: extra = value; break;
                case 339: format = value; break;
            }
        }
        if (width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue || samples is <= 0 or > ushort.MaxValue)
            throw ImageException.Damaged(name, $"the TIFF directory declares {width}x{height}x{samples}");
        if (samples > MaxBands)
            throw ImageException.Unsupported(name, $"a TIFF of {samples} bands");
        if (photometric is not (0 or 1 or 2 or 3 or 6))
            throw ImageException.Unsupported(name, $"a TIFF of photometric interpretation {photometric}");
        var type = (format, bits) switch
        {
            (1, 1 or 2 or 4 or 8) => PixelType.UInt8,
            (1, 16) => PixelType.UInt16,
            (3, 32) => PixelType.Float32,
            // Signed and wide values: no type of their own; 16-bit ones survive exactly, others to 24 bits.
            (1, 32) or (2, 8 or 16 or 32) => PixelType.Float32,
            _ => throw ImageException.Unsupported(name, $"a TIFF of {bits} bits in sample format {format}"),
        };
        // A fourth band counts as alpha only where the file says so (1 or 2): near-infrared comes as "unspecified" (0).
        var alpha = extra is 1 or 2 && samples is 2 or 4 ? 1 : 0;
        var channels = photometric == 3 ? 3 : (int)samples - alpha;
        if (tileWidth > 0 && tileHeight > 0)
            limits.Check(new ImageShape(Clamp(tileWidth), Clamp(tileHeight), (int)samples, type), name + " (one tile)");
        return new ImageShape((int)width, (int)height, channels, photometric == 3 ? PixelType.UInt8 : type);
    }

    private static int Clamp(long value) => (int)Math.Min(value, int.MaxValue);
}
