using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Masks;

/// <summary>
/// Reads masks as their files have them. Masks of format 1 of a packed data set are read by <see cref="ImageCodec.DecodeMask"/> instead, which widens 1,
/// 2 and 4 bits to 0–255, expands palettes and makes 8 bits of everything.
/// <list type="bullet">
/// <item>PNG, TIFF, BMP: any depth; indices of a palette stay indices, and the palette goes along. Of a BMP, which has no grey of its own, a palette of
/// greys alone means the greys; a PNG has grey, so that one with a palette means its indices.</item>
/// <item>TIFF: whole numbers of 1 to 64 bits, with a sign or without, and floats that are whole; white-is-zero is turned round, as it is for
/// images.</item>
/// <item>JPEG, WebP: grey or colours as decoded.</item>
/// <item><c>.npy</c>: bool, int8 to uint64, float16 to float64, in either byte order.</item>
/// </list>
/// All members may be called from many threads at once.
/// </summary>
public static class MaskCodec
{
    /// <summary>Reads the header alone and checks it against the limits.</summary>
    /// <param name="file">The file's bytes; the beginning is enough, except for TIFF, which may keep its directory anywhere.</param>
    /// <param name="name">What an error calls the file.</param>
    /// <param name="limits">Null: <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="ImageException">The header is damaged, of an unsupported kind, or declares more than the limits.</exception>
    public static MaskShape Probe(ReadOnlySpan<byte> file, string name, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        var shape = ImageSignature.Of(file, name) switch
        {
            ImageFormat.Png => PngMask.Shape(PngHeader.Read(file, name)),
            ImageFormat.Bmp => BmpMask.Shape(BmpHeader.Read(file, name)),
            ImageFormat.Tiff => TiffMask.Shape(file, limits, name),
            ImageFormat.Npy => NpyMask.Shape(NpyArray.Read(file, name), name),
            ImageFormat.WebP => Shape(WebPHeader.Read(file, name), WebPHeader.HasAlpha(file)),
            _ => Shape(JpegHeader.Read(file, name), hasAlpha: false),
        };
        return shape.Checked(limits, name);
    }

    /// <summary>Decodes a mask.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What an error calls the file.</param>
    /// <param name="limits">Null: <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="ImageException">
    /// The file is truncated, damaged, unsupported or over the limits; or it holds fractions, infinities or numbers over 2^63, which are named.
    /// </exception>
    public static MaskImage Decode(ReadOnlyMemory<byte> file, string name, ImageLimits? limits = null)
    {
        var shape = Probe(file.Span, name, limits);
        return ImageSignature.Of(file.Span, name) switch
        {
            ImageFormat.Png => PngMask.Decode(file, name, shape),
            ImageFormat.Bmp => BmpMask.Decode(file.Span, name, shape),
            ImageFormat.Tiff => TiffMask.Decode(file, name, shape),
            ImageFormat.Npy => NpyMask.Decode(file.Span, name, shape),
            _ => ByVips(file.Span, name, shape),
        };
    }

    private static MaskShape Shape(ImageShape shape, bool hasAlpha) =>
        new(shape.Width, shape.Height, shape.Channels + (hasAlpha ? 1 : 0), MaskType.UInt8, hasAlpha);

    private static MaskImage ByVips(ReadOnlySpan<byte> file, string name, MaskShape shape)
    {
        var values = new byte[shape.Bytes];
        VipsDecoder.Decode(file, name, new ImageShape(shape.Width, shape.Height, shape.Channels, PixelType.UInt8), values);
        return new MaskImage(shape, shape.Channels >= 3 ? MaskUnit.Colour : MaskUnit.Number, values) { IsLossy = true };
    }
}
