using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Codecs.Npy;

/// <summary>The header of a NumPy array file that is an image: little-endian <c>u1</c>, <c>b1</c>, <c>u2</c> or <c>f4</c>.</summary>
internal readonly record struct NpyHeader(ImageShape Shape, int DataOffset)
{
    public static NpyHeader Read(ReadOnlySpan<byte> file, string name)
    {
        var array = NpyArray.Read(file, name);
        return new NpyHeader(new ImageShape(array.Width, array.Height, array.Channels, Type(array.Type, name)), array.DataOffset);
    }

    private static PixelType Type(ReadOnlySpan<byte> type, string name)
    {
        if (type.SequenceEqual("|u1"u8) || type.SequenceEqual("|b1"u8))
            return PixelType.UInt8;
        if (type.SequenceEqual("<u2"u8))
            return PixelType.UInt16;
        return type.SequenceEqual("<f4"u8) ? PixelType.Float32
            : throw ImageException.Unsupported(name, "a .npy array of another type than uint8, bool, uint16 or float32, little-endian");
    }
}
