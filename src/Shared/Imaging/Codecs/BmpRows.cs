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
        (_header, _palette) = (header, new byte[header.Bits == 8 ? 256 * 3 : 0]);
        var end = Math.Min(header.PixelsAt, head.Length);
        for (var color = 0; color < _palette.Length / 3; color++)
        {
            var at = header.PaletteAt + color * header.ColorBytes;
            if (at + header.ColorBytes <= end)
                head.Slice(at, 3).CopyTo(_palette.AsSpan(3 * color));
        }
    }

    /// <param name="row">The row's bytes in the file, <see cref="BmpHeader.Stride"/> of them.</param>
    /// <param name="rgb">Gets three bytes a pixel.</param>
    public void Convert(ReadOnlySpan<byte> row, Span<byte> rgb)
    {
        var isIndexed = _header.Bits == 8;
        ReadOnlySpan<byte> source = isIndexed ? _palette : row;
        var size = _header.Bits / 8;
        for (var x = 0; x < _header.Shape.Width; x++)
        {
            var from = isIndexed ? row[x] * 3 : x * size;
            (rgb[3 * x], rgb[3 * x + 1], rgb[3 * x + 2]) = (source[from + 2], source[from + 1], source[from]);
        }
    }
}
