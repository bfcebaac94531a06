using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Tiff;

/// <summary>
/// The mask that a TIFF keeps beside its image, in a directory of its own (TIFF 6.0, NewSubfileType bit 2): 0 says that there is no pixel. GDAL writes it
/// with one bit, or eight.
/// </summary>
internal sealed class TiffInternalMask : IDisposable
{
    private const int Mask = 4, Reduced = 1;

    private readonly TiffRows _rows;

    private TiffInternalMask(TiffRows rows) => _rows = rows;

    /// <summary>Finds the mask of a file in memory.</summary>
    /// <param name="image">The first directory.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="ImageException">It does not fit to the image, is damaged, or of a kind that is not read.</exception>
    public static TiffInternalMask? Find(TiffDirectory image, TiffFormat format, ReadOnlyMemory<byte> file, string name)
    {
        var index = Find(image, format, name, out var grid);
        return index == 0 ? null : new(new TiffRows(grid!, new TiffBlockDecoder(file, name, grid!, index), empty: 0));
    }

    /// <inheritdoc cref="Find(TiffDirectory, TiffFormat, ReadOnlyMemory{byte}, string)"/>
    public static TiffInternalMask? Find(TiffDirectory image, TiffFormat format, string path, string name)
    {
        var index = Find(image, format, name, out var grid);
        return index == 0 ? null : new(new TiffRows(grid!, new TiffBlockDecoder(path, name, grid!, index), empty: 0));
    }

    /// <summary>Reads rows of the mask, a byte a pixel.</summary>
    public void Read(int first, int count, Span<byte> mask) => _rows.Read(first, count, mask);

    public void Dispose() => _rows.Dispose();

    private static int Find(TiffDirectory image, TiffFormat format, string name, out TiffGrid? grid)
    {
        grid = null;
        if (!image.TryNext(out var directory))
            return 0;
        image.RequireSound();
        for (var index = 1; ; index++)
        {
            // Masks of reduced copies are of no use here.
            if ((directory.Number(TiffTag.NewSubfileType, 0) & (Mask | Reduced)) == Mask)
            {
                directory.RequireSound();
                grid = Grid(directory, format, name);
                return index;
            }
            if (!directory.TryNext(out directory))
                return 0;
        }
    }

    private static TiffGrid Grid(TiffDirectory directory, TiffFormat image, string name)
    {
        var format = TiffFormat.ReadStored(directory, name, isMask: true);
        if (format.Width != image.Width || format.Height != image.Height)
            throw directory.Absurd($"internal mask is {format.Width:N0}x{format.Height:N0} pixels, the image {image.Width:N0}x{image.Height:N0}");
        if (format is not { Samples: 1, Format: 1, Bits: 1 or 8 })
            throw ImageException.Unsupported(name, $"an internal mask of {format.Samples} bands of {format.Bits} bits in sample format {format.Format}");
        return TiffGrid.Of(directory, format, name);
    }
}
