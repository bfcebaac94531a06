using System.Globalization;
using System.Runtime.InteropServices;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Makes one image of files that hold a band each: coarser bands are enlarged by cubic convolution, and all are cut or filled up to the size of the first.
/// </summary>
internal static class BandStack
{
    /// <summary>So many pixels may a band of the first one's resolution be off.</summary>
    private const int Tolerance = 8;

    /// <summary>So many pixels around it go into one that is enlarged by cubic convolution.</summary>
    private const int Support = 2;

    /// <param name="bands">The bands, the first one's size being that of the image.</param>
    /// <param name="files">Their bytes.</param>
    /// <exception cref="ImageException">A file is damaged or holds several channels.</exception>
    /// <exception cref="DatasetSourceException">A band's size does not follow from the first one's, or the types differ.</exception>
    /// <returns>The image, and which of its pixels are none: those that any band lacks. Null where all are there.</returns>
    public static (PixelImage Image, PixelImage? Valid) Decode(
        IReadOnlyList<SourceBand> bands, IReadOnlyList<ReadOnlyMemory<byte>> files, NoDataRule rule, ImageLimits limits)
    {
        var first = Probe(bands[0], files[0], limits);
        var shape = first with { Channels = bands.Count };
        limits.Check(shape, bands[0].File.Path);
        var pixels = new byte[shape.Bytes];
        PixelImage? valid = null;
        for (var channel = 0; channel < bands.Count; channel++)
        {
            var factor = Factor(bands[channel], Probe(bands[channel], files[channel], limits), bands[0], first);
            var (band, there) = ImageCodec.Decode(files[channel], bands[channel].File.Path, rule, limits);
            var plane = CubicUpsampling.Enlarge(Values(band), band.Shape.Width, band.Shape.Height, factor);
            Interleave(plane, band.Shape.Width * factor, band.Shape.Height * factor, channel, shape, pixels);
            if (there is not null)
                valid = PairValidity.Both(Enlarged(there, factor, shape), valid);
        }
        return (new PixelImage(shape, pixels), valid);
    }

    /// <summary>Which pixels of the whole image a band has: none of those that one it lacks goes into.</summary>
    private static PixelImage Enlarged(PixelImage there, int factor, ImageShape whole)
    {
        var (width, height, support) = (there.Shape.Width, there.Shape.Height, factor > 1 ? Support : 0);
        var valid = new byte[whole.Width * whole.Height];
        for (var y = 0; y < whole.Height; y++)
        {
            for (var x = 0; x < whole.Width; x++)
                valid[y * whole.Width + x] = IsThere(Math.Min(x / factor, width - 1), Math.Min(y / factor, height - 1)) ? byte.MaxValue : (byte)0;
        }
        return new PixelImage(new ImageShape(whole.Width, whole.Height, 1, PixelType.UInt8), valid);

        bool IsThere(int column, int row)
        {
            for (var y = Math.Max(0, row - support); y <= Math.Min(height - 1, row + support); y++)
            {
                var (left, right) = (Math.Max(0, column - support), Math.Min(width - 1, column + support));
                if (there.Bytes.Slice(y * width + left, right - left + 1).Contains((byte)0))
                    return false;
            }
            return true;
        }
    }

    private static ImageShape Probe(SourceBand band, ReadOnlyMemory<byte> file, ImageLimits limits)
    {
        var shape = ImageCodec.Probe(file.Span, band.File.Path, limits);
        return shape.Channels == 1
            ? shape
            : throw new DatasetSourceException([$"{band.File.Path} is {shape}, and a file of a band has one channel. Copy the band again."]);
    }

    /// <summary>How much a band has to be enlarged, by its size: coarse bands round theirs either way, and some copies hold them enlarged already.</summary>
    private static int Factor(SourceBand band, ImageShape shape, SourceBand reference, ImageShape first)
    {
        if (shape.Type != first.Type)
            throw new DatasetSourceException([$"{band.File.Path} is of {shape.Type}, but {reference.File.Path} of {first.Type}. Convert one of them."]);
        var enlarged = shape with { Width = shape.Width * band.Scale, Height = shape.Height * band.Scale };
        if (band.Scale > 1 && SizeFit.IsWithin(enlarged, first, band.Scale))
            return band.Scale;
        if (SizeFit.IsWithin(shape, first, Tolerance))
            return 1;
        var expected = band.Scale == 1
            ? "that size"
            : string.Create(CultureInfo.InvariantCulture, $"that size or about {first.Width / band.Scale}x{first.Height / band.Scale}");
        throw new DatasetSourceException([string.Create(CultureInfo.InvariantCulture,
            $"{band.File.Path} is {shape.Width}x{shape.Height}, but {reference.File.Path} is {first.Width}x{first.Height}, so the band should " +
                $"have {expected}. Copy the band again.")]);
    }

    private static float[] Values(PixelImage band) => band.Shape.Type switch
    {
        PixelType.UInt8 => [.. band.Bytes.ToArray().Select(value => (float)value)],
        PixelType.UInt16 => [.. MemoryMarshal.Cast<byte, ushort>(band.Bytes).ToArray().Select(value => (float)value)],
        _ => MemoryMarshal.Cast<byte, float>(band.Bytes).ToArray(),
    };

    /// <summary>Writes the channel of every pixel; beyond the plane its last row and column are repeated.</summary>
    private static void Interleave(float[] plane, int width, int height, int channel, ImageShape shape, byte[] pixels)
    {
        for (var y = 0; y < shape.Height; y++)
        {
            for (var x = 0; x < shape.Width; x++)
            {
                var value = plane[Math.Min(y, height - 1) * width + Math.Min(x, width - 1)];
                var at = (y * shape.Width + x) * shape.Channels + channel;
                switch (shape.Type)
                {
                    case PixelType.UInt8:
                        pixels[at] = (byte)Math.Clamp(MathF.Round(value), 0, byte.MaxValue);
                        break;
                    case PixelType.UInt16:
                        MemoryMarshal.Cast<byte, ushort>(pixels.AsSpan())[at] = (ushort)Math.Clamp(MathF.Round(value), 0, ushort.MaxValue);
                        break;
                    default:
                        MemoryMarshal.Cast<byte, float>(pixels.AsSpan())[at] = value;
                        break;
                }
            }
        }
    }
}
