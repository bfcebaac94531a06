using System.Numerics;
using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Tiff;

namespace ChangeDetection.Imaging.Masks;

/// <summary>Masks in TIFF. libvips knows no numbers of 64 bits, and expands what must stay as it is: blocks are decoded here.</summary>
internal static class TiffMask
{
    private const int WebP = 50001;

    public static MaskShape Shape(ReadOnlySpan<byte> file, ImageLimits limits, string name)
    {
        var directory = TiffDirectory.First(file, name);
        var format = TiffFormat.ReadStored(directory, name);
        if (directory.Has(TiffTag.TileWidth))
        {
            // A tile is decoded whole, even where the image is one pixel.
            new MaskShape(Clamp(format.TileWidth), Clamp(format.TileHeight), format.Samples, Type(format, name), HasAlpha: false)
                .Checked(limits, name + " (one tile)");
        }
        return new MaskShape(format.Width, format.Height, format.Samples, Type(format, name), format.IsLastAlpha);
    }

    public static MaskImage Decode(ReadOnlyMemory<byte> file, string name, MaskShape shape)
    {
        var directory = TiffDirectory.First(file.Span, name);
        directory.RequireSound();
        var format = TiffFormat.ReadStored(directory, name);
        return Of(directory, format, shape, Values(file, directory, format, shape, name), name);
    }

    /// <summary>A mask, or rows of one, of the values that the file stores.</summary>
    public static MaskImage Of(TiffDirectory directory, TiffFormat format, MaskShape shape, byte[] values, string name)
    {
        var noData = GdalNoData.Read(directory, format);
        if (format.LargestTurned is { } largest)
            TurnRound(values, largest, shape);
        return new MaskImage(shape, Unit(format), values)
        {
            Palette = format.Photometric == TiffFormat.Palette ? Palette(directory, format) : null,
            Missing = MaskValues.Missing(shape, values, noData.Value, name),
            NoData = noData.Whole,
            IsOneBit = format is { Bits: 1, Photometric: not TiffFormat.Palette },
        };
    }

    private static byte[] Values(ReadOnlyMemory<byte> file, TiffDirectory directory, TiffFormat format, MaskShape shape, string name)
    {
        var values = new byte[shape.Bytes];
        if (format.Compression == WebP)
        {
            VipsDecoder.Decode(file.Span, name, new ImageShape(shape.Width, shape.Height, shape.Channels, PixelType.UInt8), values);
            return values;
        }
        var grid = TiffGrid.Read(directory, format, RasterLimits.MaxBlockBytes, name);
        // As the file stores it; blocks that it leaves out are turned round with the others.
        var noData = GdalNoData.Read(directory, format with { Photometric = TiffFormat.BlackIsZero }).Value;
        using var rows = new TiffRows(grid, TiffBlocks.Open(new TiffBytes(file, name), directory, grid), noData ?? 0);
        rows.Read(0, shape.Height, values);
        return values;
    }

    public static MaskType Type(TiffFormat format, string name) => (format.Format, format.Bits) switch
    {
        _ when format is { Photometric: TiffFormat.YCbCr, Compression: not (TiffCodec.Jpeg or WebP) } =>
            throw ImageException.Unsupported(name, "a mask of YCbCr colours that are not JPEG"),
        (1, 1 or 2 or 4 or 8) => MaskType.UInt8,
        (1, 16) => MaskType.UInt16,
        (1, 32) => MaskType.UInt32,
        (1, 64) => MaskType.UInt64,
        (2, 8) => MaskType.Int8,
        (2, 16) => MaskType.Int16,
        (2, 32) => MaskType.Int32,
        (2, 64) => MaskType.Int64,
        (3, 16) => MaskType.Float16,
        (3, 32) => MaskType.Float32,
        (3, 64) => MaskType.Float64,
        _ => throw ImageException.Unsupported(name, $"a TIFF of {format.Bits} bits in sample format {format.Format}"),
    };

    private static MaskUnit Unit(TiffFormat format) => format switch
    {
        { Photometric: TiffFormat.Palette } => MaskUnit.Index,
        { Photometric: TiffFormat.Rgb or TiffFormat.YCbCr, Bits: 8, Format: 1 } when format.Samples == (format.IsLastAlpha ? 4 : 3) => MaskUnit.Colour,
        _ => MaskUnit.Number,
    };

    /// <summary>White-is-zero says that 0 is the brightest: a mask means what a picture of it shows. Alpha is not turned round.</summary>
    private static void TurnRound(byte[] values, int most, MaskShape shape)
    {
        var colors = shape.Channels - (shape.HasAlpha ? 1 : 0);
        if (shape.Type == MaskType.UInt16)
            Each(MemoryMarshal.Cast<byte, ushort>(values.AsSpan()), (ushort)most);
        else
            Each(values.AsSpan(), (byte)most);

        void Each<T>(Span<T> all, T largest) where T : unmanaged, INumber<T>
        {
            for (var i = 0; i < all.Length; i++)
                all[i] = i % shape.Channels < colors ? largest - all[i] : all[i];
        }
    }

    /// <summary>Red of all colours, then green, then blue, of 16 bits; some old programs wrote 8 bits into them.</summary>
    private static int[] Palette(TiffDirectory directory, TiffFormat format)
    {
        if (format.Bits > 16)
            throw directory.Absurd($"palette is for values of {format.Bits} bits");
        var colors = 1 << format.Bits;
        var map = directory.Numbers(TiffTag.ColorMap, 3L * colors);
        if (map.Length != 3 * colors)
            throw directory.Absurd($"palette holds {map.Length:N0} numbers where {3 * colors:N0} are needed");
        var shift = Array.TrueForAll(map, static value => value <= byte.MaxValue) ? 0 : 8;
        return [.. Enumerable.Range(0, colors).Select(i => (int)(map[i] >> shift << 16 | map[colors + i] >> shift << 8 | map[2 * colors + i] >> shift))];
    }

    private static int Clamp(long value) => (int)Math.Min(value, int.MaxValue);
}
