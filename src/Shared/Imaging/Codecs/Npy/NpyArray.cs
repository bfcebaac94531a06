using System.Buffers.Binary;
using System.Buffers.Text;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs.Npy;

/// <summary>What the header of a NumPy file (NEP 1) says of an array [height, width] or [height, width, channels] in C order.</summary>
/// <param name="type">NumPy's name of the type, with its byte order: <c>&lt;i8</c>.</param>
internal readonly ref struct NpyArray(ReadOnlySpan<byte> type, int width, int height, int channels, int dataOffset)
{
    public ReadOnlySpan<byte> Type { get; } = type;
    public int Width { get; } = width;
    public int Height { get; } = height;
    public int Channels { get; } = channels;
    /// <summary>Where the values begin.</summary>
    public int DataOffset { get; } = dataOffset;

    /// <exception cref="ImageException">The header is cut short, damaged, or of an array that is no image.</exception>
    public static NpyArray Read(ReadOnlySpan<byte> file, string name)
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
        var type = Value(header, "'descr':"u8, name);
        var end = type.IsEmpty || type[0] != '\'' ? -1 : type[1..].IndexOf((byte)'\'');
        Span<int> sizes = stackalloc int[3];
        var count = Dimensions(Value(header, "'shape':"u8, name), sizes, name);
        return new NpyArray(end < 0 ? [] : type.Slice(1, end), sizes[1], sizes[0], count == 3 ? sizes[2] : 1, start + (int)length);
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> header, ReadOnlySpan<byte> key, string name)
    {
        var at = header.IndexOf(key);
        return at < 0 ? throw ImageException.Damaged(name, "the .npy header lacks descr, fortran_order or shape")
            : header[(at + key.Length)..].TrimStart((byte)' ');
    }

    private static int Dimensions(ReadOnlySpan<byte> tuple, Span<int> sizes, string name)
    {
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
        return !tuple.StartsWith(")"u8) || count < 2
            ? throw ImageException.Unsupported(name, "a .npy array that is not [height, width] or [height, width, channels]")
            : count;
    }
}
