using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// The mask that a TIFF keeps beside its image, in a directory of its own (TIFF 6.0, NewSubfileType bit 2): 0 says that there is no pixel. GDAL writes it
/// with one bit, or eight.
/// </summary>
internal sealed class TiffInternalMask : IDisposable
{
    private const int Mask = 4, Reduced = 1;

    private readonly TiffRows _rows;

    private TiffInternalMask(TiffRows rows) => _rows = rows;

    /// <summary>Finds the mask of a file.</summary>
    /// <param name="image">The first directory.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="ImageException">It does not fit to the image, is damaged, or of a kind that is not read.</exception>
    public static TiffInternalMask? Find(TiffDirectory image, TiffFormat format, TiffBytes file)
    {
        if (!image.TryNext(out var directory))
            return null;
        image.RequireSound();
        for (var index = 1; ; index++)
        {
            // Masks of reduced copies are of no use here.
            if ((directory.Number(TiffTag.NewSubfileType, 0) & (Mask | Reduced)) == Mask)
            {
                directory.RequireSound();
                var grid = Grid(directory, format, file.Name);
                return new(new TiffRows(grid, TiffBlocks.Open(file, directory, grid, index), empty: 0));
            }
            if (!directory.TryNext(out directory))
                return null;
        }
    }

    /// <summary>Reads rows of the mask, a byte a pixel.</summary>
    public void Read(int first, int count, Span<byte> mask) => _rows.Read(first, count, mask);

    public void Dispose() => _rows.Dispose();

    private static TiffGrid Grid(TiffDirectory directory, TiffFormat image, string name)
    {
        var format = TiffFormat.ReadStored(directory, name, isMask: true);
        if (format.Width != image.Width || format.Height != image.Height)
            throw directory.Absurd($"internal mask is {format.Width:N0}x{format.Height:N0} pixels, the image {image.Width:N0}x{image.Height:N0}");
        if (format is not { Samples: 1, Format: 1, Bits: 1 or 8 })
            throw ImageException.Unsupported(name, $"an internal mask of {format.Samples} bands of {format.Bits} bits in sample format {format.Format}");
        return TiffGrid.Read(directory, format, RasterLimits.MaxBlockBytes, name);
    }
}
