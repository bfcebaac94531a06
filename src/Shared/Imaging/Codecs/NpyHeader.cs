using System.Buffers.Binary;
using System.Buffers.Text;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs;

/// <summary>
/// The header of a NumPy array file (NEP 1): C order, little-endian <c>u1</c>, <c>b1</c>, <c>u2</c> or <c>f4</c>, [height, width] or [height, width, channels].
/// </summary>
internal readonly record struct NpyHeader(ImageShape Shape, int DataOffset)
{
    public static NpyHeader Read(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 12)
            throw ImageException.Truncated(name, "the .npy file ends within its header");
        var start = file[6] == 1 ? 10 : 12;
        var length = file[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(file[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(file[8..]);
        if (file[6] is 0 or > 3)
            throw ImageException.Unsupported(name, $"a .npy file of version {file[6]}");
        if (length > file.Length - start)
            throw ImageException.Truncated(name, "the .npy file ends within its header");
        var header = file.Slice(start, (int)length);
        if (!Value(header, "'fortran_order':"u8, name).StartsWith("False"u8))
            throw ImageException.Unsupported(name, "a .npy array in Fortran order (write np.ascontiguousarray of it)");
        return new NpyHeader(Dimensions(Value(header, "'shape':"u8, name), Type(Value(header, "'descr':"u8, name), name), name), start + (int)length);
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> header, ReadOnlySpan<byte> key, string name)
    {
        var at = header.IndexOf(key);
        return at < 0 ? throw ImageException.Damaged(name, "the .npy header lacks descr, fortran_order or shape")
            : header[(at + key.Length)..].TrimStart((byte)' ');
    }

    private static PixelType Type(ReadOnlySpan<byte> descr, string name)
    {
        if (descr.StartsWith("'|u1'"u8) || descr.StartsWith("'|b1'"u8))
            return PixelType.UInt8;
        if (descr.StartsWith("'<u2'"u8))
            return PixelType.UInt16;
        return descr.StartsWith("'<f4'"u8) ? PixelType.Float32
            : throw ImageException.Unsupported(name, "a .npy array of another type than uint8, bool, uint16 or float32, little-endian");
    }

    private static ImageShape Dimensions(ReadOnlySpan<byte> tuple, PixelType type, string name)
    {
        Span<int> sizes = stackalloc int[3];
        var count = 0;
        if (!tuple.StartsWith("("u8))
            throw ImageException.Damaged(name, "the .npy header's shape is no tuple");
        tuple = tuple[1..];
        while (Utf8Parser.TryParse(tuple, out int size, out var used))
        {
            if (count == 3)
                throw ImageException.Unsupported(name, "a .npy array of more than three dimensions");
            sizes[count++] = size;
            tuple = tuple[used..].TrimStart(", "u8);
        }
        if (!tuple.StartsWith(")"u8) || count < 2)
            throw ImageException.Unsupported(name, "a .npy array that is not [height, width] or [height, width, channels]");
        return new ImageShape(sizes[1], sizes[0], count == 3 ? sizes[2] : 1, type);
    }
}
