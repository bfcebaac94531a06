using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Masks;

/// <summary>Masks in PNG.</summary>
internal static class PngMask
{
    public static MaskShape Shape(PngHeader header) => new(
        header.Width, header.Height, header.StoredChannels, header.BitDepth == 16 ? MaskType.UInt16 : MaskType.UInt8,
        header.Color is PngColor.GreyAlpha or PngColor.Rgba);

    public static MaskImage Decode(ReadOnlyMemory<byte> file, string name, MaskShape shape)
    {
        // Nearly all masks are grey of 8 bits, and the decoder of images is the faster one.
        var header = PngHeader.Read(file.Span, name);
        if (header is { Color: PngColor.Grey, BitDepth: 8, Interlaced: false })
            return new MaskImage(shape, MaskUnit.Number, ImageCodec.Decode(file, name, new ImageLimits(long.MaxValue, long.MaxValue)).Pixels);
        var samples = PngSamples.Decode(file, name);
        var unit = header switch
        {
            { Color: PngColor.Palette } => MaskUnit.Index,
            { Color: PngColor.Rgb or PngColor.Rgba, BitDepth: 8 } => MaskUnit.Colour,
            _ => MaskUnit.Number,
        };
        return new MaskImage(shape, unit, samples.Values)
        {
            IsOneBit = header is { Color: PngColor.Grey, BitDepth: 1 },
            Palette = unit != MaskUnit.Index ? null
                : [.. samples.Palette.Chunk(3).Select(color => color[0] << 16 | color[1] << 8 | color[2])],
        };
    }
}
