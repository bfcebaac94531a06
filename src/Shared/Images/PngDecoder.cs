using System.Buffers;
using System.IO.Compression;

namespace ChangeDetection.Images;

/// <summary>
/// PNGs of up to 8 bits: the hot path of training, and the one format that we decode ourselves (libvips takes about three times as long).
/// Rows are inflated some dozens at a time, so that they are unfiltered while they are in the processor's cache.
/// </summary>
internal static class PngDecoder
{
    private const int BatchBytes = 48 * 1024;

    /// <summary>True for what this decoder reads; the rest (16 bits, interlaced) is rare and left to libvips.</summary>
    public static bool Reads(PngHeader header) => header.BitDepth <= 8 && !header.Interlaced;

    /// <param name="pixels">Exactly the bytes of the header's shape.</param>
    public static void Decode(ReadOnlyMemory<byte> file, string name, PngHeader header, Span<byte> pixels)
    {
        var chunks = new PngChunks(file, name);
        chunks.Next();
        Span<byte> palette = stackalloc byte[256 * 3];
        var colors = 0;
        for (chunks.Next(); chunks.Type != PngChunks.ImageData; chunks.Next())
        {
            if (chunks.Type == PngChunks.Palette)
                colors = ReadPalette(chunks.Data.Span, name, palette);
            else if (chunks.IsCritical)
                throw ImageException.Damaged(name, $"the PNG has a chunk '{chunks.TypeName}' before its pixels");
        }
        if (header.Color == PngColor.Palette && colors == 0)
            throw ImageException.Damaged(name, "the PNG has no palette before its pixels");

        using var data = new PngDataStream(chunks);
        using var inflated = new ZLibStream(data, CompressionMode.Decompress);
        Rows(inflated, name, header, palette[..(colors * 3)], pixels);
        data.ReadToEnd();
    }

    private static int ReadPalette(ReadOnlySpan<byte> data, string name, Span<byte> palette)
    {
        if (data.IsEmpty || data.Length % 3 != 0 || data.Length > palette.Length)
            throw ImageException.Damaged(name, $"the PNG's palette has {data.Length} bytes");
        data.CopyTo(palette);
        return data.Length / 3;
    }

    private static void Rows(ZLibStream inflated, string name, PngHeader header, ReadOnlySpan<byte> palette, Span<byte> pixels)
    {
        var rowBytes = checked((int)(((long)header.Width * header.StoredChannels * header.BitDepth + 7) / 8));
        var batch = Math.Clamp(BatchBytes / (rowBytes + 1), 1, header.Height);
        // Grey and RGB of 8 bits are unfiltered straight into the image; everything else by way of two rows of its own.
        var direct = header.BitDepth == 8 && header.Color is PngColor.Grey or PngColor.Rgb;
        var width = pixels.Length / header.Height;
        var scratch = ArrayPool<byte>.Shared.Rent(batch * (rowBytes + 1) + rowBytes * (direct ? 1 : 2));
        try
        {
            var lines = scratch.AsSpan(0, batch * (rowBytes + 1));
            var above = scratch.AsSpan(lines.Length, rowBytes);
            var spare = direct ? default : scratch.AsSpan(lines.Length + rowBytes, rowBytes);
            above.Clear();
            for (var y = 0; y < header.Height; y++)
            {
                var line = y % batch;
                if (line == 0)
                    Inflate(inflated, lines[..(Math.Min(batch, header.Height - y) * (rowBytes + 1))], name, y);
                var source = lines.Slice(line * (rowBytes + 1), rowBytes + 1);
                var target = pixels.Slice(y * width, width);
                var row = direct ? target : spare;
                if (!PngFilter.Undo(source[0], source[1..], above, row, Math.Max(1, header.StoredChannels * header.BitDepth / 8)))
                    throw ImageException.Damaged(name, $"row {y} of the PNG names filter {source[0]}");
                if (!direct && !PngRow.Expand(row, header, palette, target))
                    throw ImageException.Damaged(name, $"row {y} of the PNG names a colour beyond its palette of {palette.Length / 3}");
                spare = above;
                above = row;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private static void Inflate(ZLibStream inflated, Span<byte> lines, string name, int y)
    {
        try
        {
            if (inflated.ReadAtLeast(lines, lines.Length, throwOnEndOfStream: false) < lines.Length)
                throw ImageException.Truncated(name, $"the PNG's compressed pixels end within the rows from {y} on");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw ImageException.Damaged(name, $"the PNG's compressed pixels cannot be read from row {y} on", e);
        }
    }
}
