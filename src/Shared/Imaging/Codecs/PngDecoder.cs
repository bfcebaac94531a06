using System.Buffers;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// PNGs of up to 8 bits: the hot path of training, and the one format that we decode ourselves (libvips takes about three times as long).
/// Grey and RGB of 8 bits are unfiltered straight into the image.
/// </summary>
internal static class PngDecoder
{
    /// <summary>True for what this decoder reads; the rest (16 bits, interlaced) is rare and left to libvips.</summary>
    public static bool Reads(PngHeader header) => header.BitDepth <= 8 && !header.Interlaced;

    /// <param name="pixels">Exactly the bytes of the header's shape.</param>
    public static void Decode(ReadOnlyMemory<byte> file, string name, PngHeader header, Memory<byte> pixels)
    {
        var chunks = new PngChunks(file, name);
        chunks.Next();
        var palette = ReadOnlyMemory<byte>.Empty;
        for (chunks.Next(); chunks.Type != PngChunks.ImageData; chunks.Next())
        {
            if (chunks.Type == PngChunks.Palette)
                palette = Palette(chunks.Data, name);
            else if (chunks.IsCritical)
                throw ImageException.Damaged(name, $"the PNG has a chunk '{chunks.TypeName}' before its pixels");
        }
        if (header.Color == PngColor.Palette && palette.IsEmpty)
            throw ImageException.Damaged(name, "the PNG has no palette before its pixels");

        var data = ArrayPool<byte>.Shared.Rent(file.Length);
        try
        {
            using var rows = new Rows(header, name, palette, pixels);
            rows.Inflate(data, Join(ref chunks, data));
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

    private static ReadOnlyMemory<byte> Palette(ReadOnlyMemory<byte> data, string name) => data.Length is > 0 and <= 256 * 3 && data.Length % 3 == 0
        ? data
        : throw ImageException.Damaged(name, $"the PNG's palette has {data.Length} bytes");

    private sealed class Rows(PngHeader header, string name, ReadOnlyMemory<byte> palette, Memory<byte> pixels) : PngRowSink(header, name)
    {
        private readonly int _width = pixels.Length / header.Height;
        private readonly bool _direct = header.BitDepth == 8 && header.Color is PngColor.Grey or PngColor.Rgb;

        protected override Span<byte> RowBuffer(int y, int bytes) => _direct ? Target(y) : base.RowBuffer(y, bytes);

        protected override void Take(ReadOnlySpan<byte> row, PngPass pass, int top)
        {
            if (!_direct && !PngRow.Expand(row, Header, palette.Span, Target(top)))
                throw ImageException.Damaged(Name, $"row {top} of the PNG names a colour beyond its palette of {palette.Length / 3}");
        }

        private Span<byte> Target(int y) => pixels.Span.Slice(y * _width, _width);
    }
}
