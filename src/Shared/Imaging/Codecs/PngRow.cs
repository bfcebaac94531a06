using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>Turns an unfiltered PNG row into interleaved 8-bit grey or RGB.</summary>
internal static class PngRow
{
    /// <returns>False where a palette index is beyond the palette.</returns>
    public static bool Expand(ReadOnlySpan<byte> row, PngHeader header, ReadOnlySpan<byte> palette, Span<byte> target)
    {
        switch (header.Color)
        {
            case PngColor.Palette:
                return ExpandPalette(row, header.BitDepth, palette, target);
            case PngColor.Grey:
                WidenGrey(row, header.BitDepth, target);
                return true;
            default:
                DropAlpha(row, header.StoredChannels, target);
                return true;
        }
    }

    private static bool ExpandPalette(ReadOnlySpan<byte> row, int bits, ReadOnlySpan<byte> palette, Span<byte> target)
    {
        for (int x = 0, to = 0; to < target.Length; x++, to += 3)
        {
            var from = Packed(row, x, bits) * 3;
            if (from >= palette.Length)
                return false;
            palette.Slice(from, 3).CopyTo(target[to..]);
        }
        return true;
    }

    /// <summary>The largest value of 1, 2 or 4 bits becomes 255: they divide it exactly.</summary>
    private static void WidenGrey(ReadOnlySpan<byte> row, int bits, Span<byte> target)
    {
        var scale = 255 / ((1 << bits) - 1);
        for (var x = 0; x < target.Length; x++)
            target[x] = (byte)(Packed(row, x, bits) * scale);
    }

    /// <summary>Pixel x of a row in which pixels fill bytes from the highest bit down.</summary>
    public static int Packed(ReadOnlySpan<byte> row, int x, int bits)
    {
        var bit = x * bits;
        return row[bit >> 3] >> (8 - bits - (bit & 7)) & ((1 << bits) - 1);
    }

    private static void DropAlpha(ReadOnlySpan<byte> row, int stored, Span<byte> target)
    {
        if (stored == 2)
        {
            for (var x = 0; x < target.Length; x++)
                target[x] = row[2 * x];
            return;
        }
        var words = MemoryMarshal.Cast<byte, uint>(row);
        for (int x = 0, to = 0; x < words.Length; x++, to += 3)
        {
            // Little-endian: red is the lowest byte.
            target[to] = (byte)words[x];
            target[to + 1] = (byte)(words[x] >> 8);
            target[to + 2] = (byte)(words[x] >> 16);
        }
    }
}
