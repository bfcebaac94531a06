using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>Opens images of any size for reading by rows.</summary>
public static class RasterFile
{
    /// <summary>A header of those formats that are read downwards stands at the file's beginning.</summary>
    private const int HeadBytes = 1 << 20;

    /// <summary>Opens a TIFF, BMP, PNG, JPEG or WebP, told by its first bytes. Where it does not say where it lies, a world file beside it may.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What errors call it; null: its path.</param>
    /// <param name="rule">
    /// How pixels that are none are told; null: by their values alone, and alpha is dropped. With <see cref="AlphaUse.Auto"/> a band of alpha is read once
    /// here, by rows.
    /// </param>
    /// <exception cref="ImageException">
    /// The file is truncated, damaged, of a kind that is not read, or too large to be read by rows; or its world file is malformed; or its alpha is more than
    /// a mask, and the rule does not say what it is.
    /// </exception>
    public static IRasterReader Open(string path, string? name = null, NoDataRule? rule = null) =>
        Open(path, name ?? path, () => WorldFile.Beside(path), rule);

    /// <summary>The same, without a look beside the file.</summary>
    /// <param name="place">Where the pixels lie, for a file that does not say so itself; null: nowhere.</param>
    /// <inheritdoc cref="Open(string, string?, NoDataRule?)"/>
    public static IRasterReader Open(string path, string name, AffineTransform? place, NoDataRule? rule = null) => Open(path, name, () => place, rule);

    private static IRasterReader Open(string path, string name, Func<AffineTransform?> place, NoDataRule? rule)
    {
        var head = Head(path);
        switch (ImageSignature.Of(head, name))
        {
            case ImageFormat.Tiff:
                return new GeoTiffRaster(path, name, place, rule);
            case ImageFormat.Bmp:
                return new BmpRaster(path, name, Georeference(place), rule);
            case ImageFormat.Npy:
                throw ImageException.Unsupported(name, "a scene in .npy");
            case ImageFormat.Png when PngHeader.Read(head, name) is { Interlaced: true }:
            case ImageFormat.Jpeg or ImageFormat.WebP:
                // libvips may hold all of these: progressive JPEGs, interlaced PNGs.
                return new SequentialRaster(path, name, ImageCodec.Probe(head, name), Georeference(place), rule);
            default:
                var shape = PngHeader.Read(head, name).Shape;
                RasterLimits.Check(shape, name);
                return new SequentialRaster(path, name, shape, Georeference(place), rule);
        }
    }

    private static Georeference? Georeference(Func<AffineTransform?> place) => place() is { } beside ? new Georeference().At(beside) : null;

    private static byte[] Head(string path)
    {
        using var file = File.OpenRead(path);
        var head = new byte[Math.Min(HeadBytes, file.Length)];
        file.ReadExactly(head);
        return head;
    }
}
