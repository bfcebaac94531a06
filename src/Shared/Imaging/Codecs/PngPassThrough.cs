using System.Buffers.Binary;
using System.IO.Hashing;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// Tells which PNGs are already what <see cref="PngEncoder"/> could write, so that packing need not compress them again: grey or RGB of 8 or 16
/// bits, not interlaced. Palettes, alpha and fewer bits would decode to something else than they say, and are encoded anew.
/// </summary>
public static class PngPassThrough
{
    public static bool Accepts(ReadOnlySpan<byte> file, string name) =>
        file.StartsWith(ImageSignature.Png) && PngHeader.Read(file, name) is { BitDepth: 8 or 16, Color: PngColor.Grey or PngColor.Rgb, Interlaced: false };

    /// <summary>The same for a mask, which has one channel of 8 bits.</summary>
    public static bool AcceptsMask(ReadOnlySpan<byte> file, string name) =>
        Accepts(file, name) && PngHeader.Read(file, name) is { BitDepth: 8, Color: PngColor.Grey };

    /// <summary>The file with its header, pixels and end alone: no text, time, place or profile goes along, so equal pixels stay equal bytes.</summary>
    /// <exception cref="ImageException">The file is damaged.</exception>
    public static byte[] Strip(ReadOnlyMemory<byte> file, string name)
    {
        var stripped = new MemoryStream(file.Length);
        stripped.Write(ImageSignature.Png);
        var chunks = new PngChunks(file, name);
        Span<byte> word = stackalloc byte[4];
        do
        {
            chunks.Next();
            if (chunks.Type is not (PngChunks.Header or PngChunks.ImageData or PngChunks.End))
                continue;
            BinaryPrimitives.WriteInt32BigEndian(word, chunks.Data.Length);
            stripped.Write(word);
            BinaryPrimitives.WriteUInt32BigEndian(word, chunks.Type);
            stripped.Write(word);
            stripped.Write(chunks.Data.Span);
            // The walk has checked the chunk's own CRC; it is the same.
            var crc = new Crc32();
            crc.Append(word);
            crc.Append(chunks.Data.Span);
            BinaryPrimitives.WriteUInt32BigEndian(word, crc.GetCurrentHashAsUInt32());
            stripped.Write(word);
        }
        while (chunks.Type != PngChunks.End);
        return stripped.ToArray();
    }
}
