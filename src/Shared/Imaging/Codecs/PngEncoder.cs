using ChangeDetection.Imaging.Pixels;
using NetVips;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>Writes PNG: grey or RGB, 8 or 16 bits, without metadata, so that the same pixels give the same bytes.</summary>
public static class PngEncoder
{
    /// <param name="image">One or three channels of <see cref="PixelType.UInt8"/> or <see cref="PixelType.UInt16"/>.</param>
    /// <exception cref="ImageException">PNG cannot hold the image: other channels, or float.</exception>
    public static byte[] Encode(PixelImage image)
    {
        var shape = image.Shape;
        if (shape.Channels is not (1 or 3) || shape.Type == PixelType.Float32)
            throw new ImageException(
                "PNG", ImageFault.Unsupported, $"an image of {shape} does not fit", "PNG holds 1 or 3 channels of 8 or 16 bits: write .npy.");
        using var gate = VipsGate.Together();
        using var pixels = Image.NewFromMemoryCopy(image.Bytes, shape.Width, shape.Height, shape.Channels, VipsDecoder.Format(shape.Type));
        using var tagged = pixels.Copy(interpretation: (shape.Channels, shape.Type) switch
        {
            (1, PixelType.UInt8) => Enums.Interpretation.Bw,
            (1, _) => Enums.Interpretation.Grey16,
            (_, PixelType.UInt8) => Enums.Interpretation.Srgb,
            _ => Enums.Interpretation.Rgb16,
        });
        // libvips' own default of no filter suits drawings; photographs come out a third smaller with all of them tried per row.
        return tagged.PngsaveBuffer(compression: 6, filter: Enums.ForeignPngFilter.All, keep: Enums.ForeignKeep.None);
    }
}
