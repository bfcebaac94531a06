using System.Buffers.Binary;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// The header of a Windows bitmap, checked against the file's length: the decoder reads zeros behind the end and would not notice.
/// </summary>
internal static class BmpHeader
{
    /// <summary>Always three channels: palettes are expanded, a fourth byte is dropped.</summary>
    public static ImageShape Read(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 30)
            throw ImageException.Truncated(name, "the BMP ends within its header");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        int width, bits;
        long height;
        uint compression = 0;
        if (size == 12)
        {
            width = BinaryPrimitives.ReadUInt16LittleEndian(file[18..]);
            height = BinaryPrimitives.ReadUInt16LittleEndian(file[20..]);
            bits = BinaryPrimitives.ReadUInt16LittleEndian(file[24..]);
        }
        else if (size is 40 or 52 or 56 or 108 or 124)
        {
            if (file.Length < 14 + size)
                throw ImageException.Truncated(name, "the BMP ends within its header");
            width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
            // A negative height says that the first row stored is the topmost.
            height = Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[22..]));
            bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
            compression = BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        }
        else
        {
            throw ImageException.Unsupported(name, $"a BMP with a header of {size} bytes");
        }
        if (compression != 0 || bits is not (8 or 24 or 32))
            throw ImageException.Unsupported(name, $"a BMP of {bits} bits with compression {compression}");
        if (width <= 0 || height is <= 0 or > int.MaxValue)
            throw ImageException.Damaged(name, $"the BMP header declares {width}x{height}");
        return new ImageShape(width, (int)height, 3, PixelType.UInt8);
    }

    /// <summary>Refuses a file that ends before its last row. Called once the declared size is known to be within bounds.</summary>
    public static void CheckLength(ReadOnlySpan<byte> file, ImageShape shape, string name)
    {
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(file[(BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) == 12 ? 24 : 28)..]);
        var stride = ((long)shape.Width * bits + 31) / 32 * 4;
        var end = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]) + stride * shape.Height;
        if (end > file.Length)
            throw ImageException.Truncated(name, $"the BMP's pixels end at byte {end:N0}, the file at {file.Length:N0}");
    }
}
