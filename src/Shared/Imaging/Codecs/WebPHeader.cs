using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>Canvas size of a WebP file: lossy (RFC 6386, 9.1), lossless, or extended (WebP container specification). Always RGB.</summary>
internal static class WebPHeader
{
    public static ImageShape Read(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 30)
            throw ImageException.Truncated(name, "the WebP ends within its header");
        var kind = file[12..16];
        if (kind.SequenceEqual("VP8 "u8))
            return Shape(BinaryPrimitives.ReadUInt16LittleEndian(file[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(file[28..]) & 0x3FFF);
        if (kind.SequenceEqual("VP8L"u8))
        {
            var packed = BinaryPrimitives.ReadUInt32LittleEndian(file[21..]);
            return Shape((int)(packed & 0x3FFF) + 1, (int)(packed >> 14 & 0x3FFF) + 1);
        }
        if (kind.SequenceEqual("VP8X"u8))
            return Shape(
                (BinaryPrimitives.ReadInt32LittleEndian(file[24..]) & 0xFFFFFF) + 1,
                (BinaryPrimitives.ReadInt32LittleEndian(file[26..]) >> 8 & 0xFFFFFF) + 1);
        throw ImageException.Damaged(name, "the WebP begins with no VP8, VP8L or VP8X chunk");
    }

    /// <summary>Whether pixels have alpha: a flag of the lossless and of the extended header.</summary>
    public static bool HasAlpha(ReadOnlySpan<byte> file) =>
        file[12..16].SequenceEqual("VP8L"u8) ? (file[24] & 0x10) != 0 : file[12..16].SequenceEqual("VP8X"u8) && (file[20] & 0x10) != 0;

    private static ImageShape Shape(int width, int height) => new(width, height, 3, PixelType.UInt8);
}
