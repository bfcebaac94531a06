using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>What a scene's header may declare. A scene has any number of rows, so what is bounded is what is in memory at once.</summary>
internal static class RasterLimits
{
    /// <summary>Of one row, interleaved: a strip of windows needs some hundreds of them.</summary>
    public const long MaxRowBytes = 1 << 20;

    /// <summary>Of one tile or strip of a TIFF, decoded: it is decoded whole.</summary>
    public const long MaxBlockBytes = 128 << 20;

    /// <summary>Of the tables in a TIFF's directory together, in bytes.</summary>
    public const long MaxTableBytes = 64 << 20;

    /// <summary>Bands of a scene.</summary>
    public const int MaxBands = 256;

    private const int MaxHeight = 1 << 26;

    /// <exception cref="ImageException">A scene of this shape is not read.</exception>
    public static void Check(ImageShape shape, string name)
    {
        if (shape.Width <= 0 || shape.Height <= 0 || shape.Channels <= 0)
            throw ImageException.Damaged(name, $"the header declares {shape}");
        var row = (Int128)shape.Width * shape.Channels * shape.BytesPerValue;
        if (row > MaxRowBytes || shape.Height > MaxHeight || shape.Channels > MaxBands)
        {
            throw new ImageException(name, ImageFault.TooLarge,
                $"too large: the header declares {shape}; at most {MaxRowBytes:N0} bytes a row, {MaxHeight:N0} rows and {MaxBands} bands are read",
                "Cut the scene into parts, or leave bands out, for example by gdal_translate.");
        }
    }
}
