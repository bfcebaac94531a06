using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>Finds the frame header of a JPEG (ITU T.81, annex B) by walking its marker segments.</summary>
internal static class JpegHeader
{
    public static ImageShape Read(ReadOnlySpan<byte> file, string name)
    {
        var at = 2;
        while (at + 4 <= file.Length)
        {
            if (file[at] != 0xFF)
                throw ImageException.Damaged(name, $"no JPEG marker at byte {at}");
            var marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
            {
                at += 2;
                continue;
            }
            if (marker is 0xD9 or 0xDA)
                throw ImageException.Damaged(name, "the JPEG has no frame header before its data");
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            // C4, C8 and CC are tables and an extension; every other C0..CF is a frame header.
            if (marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC)
                return Frame(file[at..], name);
            at += 2 + length;
        }
        throw ImageException.Truncated(name, "the JPEG ends before its frame header");
    }

    private static ImageShape Frame(ReadOnlySpan<byte> segment, string name)
    {
        if (segment.Length < 10)
            throw ImageException.Truncated(name, "the JPEG ends within its frame header");
        var channels = segment[9];
        if (channels is not (1 or 3))
            throw ImageException.Unsupported(name, $"a JPEG of {channels} components (CMYK)");
        if (segment[4] != 8)
            throw ImageException.Unsupported(name, $"a JPEG of {segment[4]} bits");
        return new ImageShape(
            BinaryPrimitives.ReadUInt16BigEndian(segment[7..]), BinaryPrimitives.ReadUInt16BigEndian(segment[5..]), channels, PixelType.UInt8);
    }
}
