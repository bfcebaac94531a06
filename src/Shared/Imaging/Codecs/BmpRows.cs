namespace ChangeDetection.Imaging.Codecs;

/// <summary>Turns rows of a Windows bitmap, as they lie in the file, into RGB. One for a file: the palette is read once.</summary>
internal sealed class BmpRows
{
    private readonly BmpHeader _header;
    /// <summary>Blue, green, red; black for colours that the file does not list.</summary>
    private readonly byte[] _palette;

    /// <param name="head">The file's first <see cref="BmpHeader.MaxBytes"/> bytes, or all where there are less.</param>
    public BmpRows(BmpHeader header, ReadOnlySpan<byte> head)
    {
        (_header, _palette) = (header, new byte[header.IsIndexed ? (1 << header.Bits) * 3 : 0]);
        var end = Math.Min(header.PixelsAt, head.Length);
        for (var color = 0; color < _palette.Length / 3; color++)
        {
            var at = header.PaletteAt + color * header.ColorBytes;
            if (at + header.ColorBytes > end)
                break;
            head.Slice(at, 3).CopyTo(_palette.AsSpan(3 * color));
            Colors = color + 1;
        }
    }

    /// <summary>Colours of the palette that the file lists.</summary>
    public int Colors { get; }

    /// <summary>A colour of the palette, 0xRRGGBB.</summary>
    public int Color(int index) => _palette[3 * index + 2] << 16 | _palette[3 * index + 1] << 8 | _palette[3 * index];

    /// <param name="row">The row's bytes in the file, <see cref="BmpHeader.Stride"/> of them.</param>
    /// <param name="rgb">Gets three bytes a pixel.</param>
    public void Convert(ReadOnlySpan<byte> row, Span<byte> rgb)
    {
        ReadOnlySpan<byte> source = _header.IsIndexed ? _palette : row;
        var size = _header.Bits / 8;
        for (var x = 0; x < _header.Shape.Width; x++)
        {
            var from = _header.IsIndexed ? Index(row, x) * 3 : x * size;
            (rgb[3 * x], rgb[3 * x + 1], rgb[3 * x + 2]) = (source[from + 2], source[from + 1], source[from]);
        }
    }

    /// <param name="row">The row's bytes in the file, of a bitmap with alpha.</param>
    /// <param name="rgba">Gets four bytes a pixel.</param>
    public static void ConvertWithAlpha(ReadOnlySpan<byte> row, Span<byte> rgba)
    {
        for (var at = 0; at < rgba.Length; at += 4)
            (rgba[at], rgba[at + 1], rgba[at + 2], rgba[at + 3]) = (row[at + 2], row[at + 1], row[at], row[at + 3]);
    }

    /// <summary>The index of pixel x; the first pixels are in the highest bits.</summary>
    public int Index(ReadOnlySpan<byte> row, int x)
    {
        var bit = x * _header.Bits;
        return row[bit >> 3] >> (8 - _header.Bits - (bit & 7)) & ((1 << _header.Bits) - 1);
    }
}
