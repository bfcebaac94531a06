namespace ChangeDetection.Imaging.Codecs;

/// <summary>Windows bitmaps in memory, decoded whole.</summary>
internal static class BmpDecoder
{
    public static void Decode(ReadOnlySpan<byte> file, string name, Span<byte> pixels)
    {
        var header = BmpHeader.Read(file, name);
        header.CheckLength(file.Length, name);
        var rows = new BmpRows(header, file);
        var (stride, rowBytes) = ((int)header.Stride, header.Shape.Width * 3);
        for (var y = 0; y < header.Shape.Height; y++)
            rows.Convert(file.Slice((int)header.RowAt(y), stride), pixels.Slice(y * rowBytes, rowBytes));
    }
}
