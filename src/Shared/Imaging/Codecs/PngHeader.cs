using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>PNG colour types, as the IHDR chunk numbers them (PNG specification, 11.2.1).</summary>
internal enum PngColor : byte { Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6 }

/// <summary>The IHDR chunk.</summary>
internal readonly record struct PngHeader(int Width, int Height, byte BitDepth, PngColor Color, bool Interlaced)
{
    /// <summary>Samples per pixel as stored: alpha and palette indices count.</summary>
    public int StoredChannels => Color switch { PngColor.GreyAlpha => 2, PngColor.Rgb => 3, PngColor.Rgba => 4, _ => 1 };

    /// <summary>The decoded shape: alpha dropped, palette expanded to RGB, fewer than 8 bits widened to 8.</summary>
    public ImageShape Shape => new(Width, Height, Color is PngColor.Grey or PngColor.GreyAlpha ? 1 : 3,
        BitDepth == 16 ? PixelType.UInt16 : PixelType.UInt8);

    public static PngHeader Read(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 33)
            throw ImageException.Truncated(name, "the PNG ends within its header");
        if (BinaryPrimitives.ReadUInt32BigEndian(file[8..]) != 13 || !file[12..16].SequenceEqual("IHDR"u8))
            throw ImageException.Damaged(name, "the PNG does not begin with an IHDR chunk");
        var header = new PngHeader(BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..]),
            file[24], (PngColor)file[25], file[28] == 1);
        var depths = header.Color switch
        {
            PngColor.Grey => "\x1\x2\x4\x8\x10"u8,
            PngColor.Palette => "\x1\x2\x4\x8"u8,
            PngColor.Rgb or PngColor.GreyAlpha or PngColor.Rgba => "\x8\x10"u8,
            _ => [],
        };
        if (!depths.Contains(header.BitDepth) || file[26] != 0 || file[27] != 0 || file[28] > 1)
            throw ImageException.Damaged(
                name, $"the PNG header has colour type {file[25]}, bit depth {file[24]}, compression {file[26]}, filter {file[27]} and interlace " +
                $"{file[28]}");
        return header;
    }
}
