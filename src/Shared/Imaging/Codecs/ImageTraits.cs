using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>What a file's header says of pixels that are none.</summary>
/// <param name="Shape">Without alpha.</param>
/// <param name="NoData">The file's own value for no pixel, in terms of decoded values; null where it names none.</param>
/// <param name="NoDataIndex">The same where it is an index of a palette, whose colours are decoded.</param>
internal readonly record struct ImageTraits(ImageShape Shape, bool HasAlpha, double? NoData = null, long? NoDataIndex = null)
{
    /// <summary>The shape with alpha as one more channel.</summary>
    public ImageShape WithAlpha => Shape with { Channels = Shape.Channels + (HasAlpha ? 1 : 0) };

    /// <summary>What the image becomes by a rule.</summary>
    public ImageShape Under(NoDataRule rule) => rule.Alpha == AlphaUse.Band ? WithAlpha : Shape;

    /// <exception cref="ImageException">The header is damaged, of an unsupported kind, or declares more than the limits.</exception>
    public static ImageTraits Read(ReadOnlyMemory<byte> file, string name, ImageLimits limits)
    {
        var head = file.Span;
        var traits = ImageSignature.Of(head, name) switch
        {
            ImageFormat.Png => new ImageTraits(PngHeader.Read(head, name).Shape, PngAlpha.Has(file, name)),
            ImageFormat.Bmp when BmpHeader.Read(head, name) is var header => new ImageTraits(header.Shape, header.HasAlpha),
            ImageFormat.Tiff => OfTiff(head, name, limits),
            ImageFormat.WebP => new ImageTraits(WebPHeader.Read(head, name), WebPHeader.HasAlpha(head)),
            _ => new ImageTraits(ImageCodec.Probe(head, name, limits), HasAlpha: false),
        };
        limits.Check(traits.WithAlpha, name);
        return traits;
    }

    private static ImageTraits OfTiff(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        // For its checks.
        TiffHeader.Read(file, limits, name);
        var directory = TiffDirectory.First(file, name);
        var format = TiffFormat.Read(directory, name).Under(NoDataRule.Default);
        var noData = GdalNoData.Read(directory, format);
        if (format.Photometric == TiffFormat.Palette)
            return new ImageTraits(format.Shape, format.IsLastAlpha, NoDataIndex: noData.Whole);
        // Images of few bits are widened.
        var scale = format.Bits < 8 ? 255 / ((1 << format.Bits) - 1) : 1;
        return new ImageTraits(format.Shape, format.IsLastAlpha, noData.Value * scale);
    }
}
