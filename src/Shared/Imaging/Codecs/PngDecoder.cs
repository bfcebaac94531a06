using System.Buffers;
using ChangeDetection.Imaging.Codecs.Deflate;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// PNGs of up to 8 bits: the hot path of training, and the one format that we decode ourselves (libvips takes about three times as long).
/// Rows are inflated some dozens at a time, so that they are unfiltered while they are in the processor's cache.
/// </summary>
internal static class PngDecoder
{
    private const int BatchBytes = 48 * 1024;

    /// <summary>Its tables are of use again for the next image of the thread.</summary>
    [ThreadStatic]
    private static Inflater? t_inflater;

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

        // Never more than the file: a few bytes are read beside those of the image data.
        var data = ArrayPool<byte>.Shared.Rent(file.Length);
        try
        {
            var inflater = t_inflater ??= new Inflater();
            Begin(inflater, data, Join(ref chunks, data), name);
            Rows(inflater, name, header, palette[..(colors * 3)], pixels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(data);
        }
    }

    /// <summary>
    /// Puts the IDAT chunks together, which hold one zlib stream, and walks on to the end of the file, so that one cut behind its last pixel is
    /// noticed.
    /// </summary>
    private static int Join(ref PngChunks chunks, byte[] data)
    {
        var length = 0;
        for (; chunks.Type == PngChunks.ImageData; chunks.Next())
        {
            chunks.Data.Span.CopyTo(data.AsSpan(length));
            length += chunks.Data.Length;
        }
        while (chunks.Type != PngChunks.End)
            chunks.Next();
        return length;
    }

    private static int ReadPalette(ReadOnlySpan<byte> data, string name, Span<byte> palette)
    {
        if (data.IsEmpty || data.Length % 3 != 0 || data.Length > palette.Length)
            throw ImageException.Damaged(name, $"the PNG's palette has {data.Length} bytes");
        data.CopyTo(palette);
        return data.Length / 3;
    }

    private static void Rows(Inflater inflater, string name, PngHeader header, ReadOnlySpan<byte> palette, Span<byte> pixels)
    {
        var rowBytes = checked((int)(((long)header.Width * header.StoredChannels * header.BitDepth + 7) / 8));
        // Grey and RGB of 8 bits are unfiltered straight into the image; everything else by way of two rows of its own.
        var direct = header.BitDepth == 8 && header.Color is PngColor.Grey or PngColor.Rgb;
        var width = pixels.Length / header.Height;
        using var lines = new PngLines(inflater, name, rowBytes + 1, Math.Clamp(BatchBytes / (rowBytes + 1), 1, header.Height));
        var scratch = ArrayPool<byte>.Shared.Rent(rowBytes * (direct ? 1 : 2));
        try
        {
            var above = scratch.AsSpan(0, rowBytes);
            var spare = direct ? default : scratch.AsSpan(rowBytes, rowBytes);
            above.Clear();
            for (var y = 0; y < header.Height; y++)
            {
                var source = lines.Next(y, header.Height);
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

    private static void Begin(Inflater inflater, byte[] data, int length, string name)
    {
        try
        {
            inflater.Begin(data, length);
        }
        catch (InvalidDataException e)
        {
            throw ImageException.Damaged(name, "the PNG's compressed pixels are no zlib stream", e);
        }
    }
}
