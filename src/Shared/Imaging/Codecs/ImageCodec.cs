using ChangeDetection.Imaging.Codecs.Npy;
using System.Diagnostics;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// The one seam to image decoders: another codec is a change behind it. Formats are told by their first bytes.
/// <list type="bullet">
/// <item>Grey becomes one channel, RGB three. Alpha is dropped, never multiplied in; a palette is expanded to RGB; fewer than 8 bits are widened to
/// 0..255.</item>
/// <item>16 bits stay 16 bits, little-endian; a TIFF of more bands keeps them all, float32 stays float32.</item>
/// <item>Orientation tags and colour profiles are ignored: what counts is the pixel grid, which before, after and mask share.</item>
/// </list>
/// All members may be called from many threads at once.
/// </summary>
public static class ImageCodec
{
    /// <summary>
    /// Reads the header alone, without allocating, and checks it against the limits.
    /// </summary>
    /// <param name="file">The file's bytes; the beginning is enough, except for TIFF, which may keep its directory anywhere.</param>
    /// <param name="name">What an error calls the file.</param>
    /// <param name="limits">Null: <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="ImageException">The header is damaged, of an unsupported kind, or declares more than the limits.</exception>
    public static ImageShape Probe(ReadOnlySpan<byte> file, string name, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        var shape = ImageSignature.Of(file, name) switch
        {
            ImageFormat.Png => PngHeader.Read(file, name).Shape,
            ImageFormat.Jpeg => JpegHeader.Read(file, name),
            ImageFormat.Bmp => BmpHeader.Read(file, name).Shape,
            ImageFormat.Tiff => TiffHeader.Read(file, limits, name),
            ImageFormat.WebP => WebPHeader.Read(file, name),
            ImageFormat.Npy => NpyHeader.Read(file, name).Shape,
            _ => throw new UnreachableException(),
        };
        limits.Check(shape, name);
        return shape;
    }

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What an error calls the file.</param>
    /// <param name="limits">Null: <see cref="ImageLimits.Default"/>.</param>
    /// <param name="reuse">A buffer of the caller's: the image is written into it where it is long enough, and a new one is allocated where not.</param>
    /// <exception cref="ImageException">
    /// The file is truncated, damaged, unsupported or over the limits. <paramref name="reuse"/> then holds anything.
    /// </exception>
    public static PixelImage Decode(ReadOnlyMemory<byte> file, string name, ImageLimits? limits = null, byte[]? reuse = null)
    {
        var shape = Probe(file.Span, name, limits);
        var length = (int)shape.Bytes;
        var pixels = reuse is not null && reuse.Length >= length ? reuse : GC.AllocateUninitializedArray<byte>(length);
        Decode(file, name, shape, pixels.AsMemory(0, length));
        return new PixelImage(shape, pixels);
    }

    /// <summary>Reads what an image becomes by a rule for pixels that are none: alpha may be a channel.</summary>
    /// <param name="file">The file's beginning: up to a PNG's pixels; of a TIFF all.</param>
    /// <inheritdoc cref="Probe(ReadOnlySpan{byte}, string, ImageLimits?)"/>
    public static ImageShape Probe(ReadOnlyMemory<byte> file, string name, NoDataRule rule, ImageLimits? limits = null) =>
        ImageTraits.Read(file, name, limits ?? ImageLimits.Default).Under(rule);

    /// <summary>
    /// Decodes a file with a plane that says which pixels are there, by the one definition (<see cref="ValidPixels"/>): all bands have the rule's value,
    /// or GDAL_NODATA where it has none; a value is not finite; alpha is 0 (a PNG's tRNS is alpha); the internal mask of a TIFF is 0.
    /// </summary>
    /// <param name="rule">What alpha is, and the value for no pixel.</param>
    /// <exception cref="ImageException">
    /// As in <see cref="Decode(ReadOnlyMemory{byte}, string, ImageLimits?, byte[])"/>; or alpha is more than a mask, and the rule does not say what it is.
    /// </exception>
    /// <inheritdoc cref="Decode(ReadOnlyMemory{byte}, string, ImageLimits?, byte[])"/>
    public static ValidImage Decode(ReadOnlyMemory<byte> file, string name, NoDataRule rule, ImageLimits? limits = null, byte[]? reuse = null) =>
        ValidityDecoder.Decode(file, name, rule, limits ?? ImageLimits.Default, reuse);

    /// <summary>Decodes a file's first channels.</summary>
    /// <param name="shape">As the header says, which was held against limits; with alpha or without it.</param>
    internal static void Decode(ReadOnlyMemory<byte> file, string name, ImageShape shape, Memory<byte> target)
    {
        switch (ImageSignature.Of(file.Span, name))
        {
            case ImageFormat.Png when PngHeader.Read(file.Span, name) is var header && PngDecoder.Reads(header):
                PngDecoder.Decode(file, name, header, target);
                break;
            case ImageFormat.Npy:
                NpyDecoder.Decode(file.Span, name, target.Span);
                break;
            case ImageFormat.Bmp:
                BmpDecoder.Decode(file.Span, name, target.Span);
                break;
            case ImageFormat.Tiff:
                TiffDecoder.Decode(file, name, shape, target.Span);
                break;
            default:
                VipsDecoder.Decode(file.Span, name, shape, target.Span);
                break;
        }
    }

    /// <summary>Decodes a file as a mask: one channel of 8 bits. See <see cref="MaskConversion"/> for the rules.</summary>
    /// <inheritdoc cref="Decode(ReadOnlyMemory{byte}, string, ImageLimits?, byte[])"/>
    public static PixelImage DecodeMask(ReadOnlyMemory<byte> file, string name, ImageLimits? limits = null, byte[]? reuse = null) =>
        MaskConversion.InPlace(Decode(file, name, limits, reuse), name);
}
