using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Masks;

/// <summary>Masks as arrays of NumPy.</summary>
internal static class NpyMask
{
    public static MaskShape Shape(NpyArray array, string name) => new(array.Width, array.Height, array.Channels, Type(array, name), HasAlpha: false);

    public static MaskImage Decode(ReadOnlySpan<byte> file, string name, MaskShape shape)
    {
        var array = NpyArray.Read(file, name);
        var data = file[array.DataOffset..];
        if (data.Length < shape.Bytes)
            throw ImageException.Truncated(name, $"the .npy array has {shape.Bytes:N0} bytes, the file holds {data.Length:N0} of them");
        var values = data[..(int)shape.Bytes].ToArray();
        if (array.Type[0] == (byte)'>')
        {
            for (var at = 0; at < values.Length; at += shape.Type.Bytes())
                values.AsSpan(at, shape.Type.Bytes()).Reverse();
        }
        return new MaskImage(shape, MaskUnit.Number, values) { Missing = MaskValues.Missing(shape, values, noData: null, name) };
    }

    private static MaskType Type(NpyArray array, string name)
    {
        var isOrdered = array.Type.Length == 3 && array.Type[0] is (byte)'<' or (byte)'>' or (byte)'|';
        return (isOrdered ? (array.Type[1], array.Type[2]) : default) switch
        {
            ((byte)'b' or (byte)'u', (byte)'1') => MaskType.UInt8,
            ((byte)'u', (byte)'2') => MaskType.UInt16,
            ((byte)'u', (byte)'4') => MaskType.UInt32,
            ((byte)'u', (byte)'8') => MaskType.UInt64,
            ((byte)'i', (byte)'1') => MaskType.Int8,
            ((byte)'i', (byte)'2') => MaskType.Int16,
            ((byte)'i', (byte)'4') => MaskType.Int32,
            ((byte)'i', (byte)'8') => MaskType.Int64,
            ((byte)'f', (byte)'2') => MaskType.Float16,
            ((byte)'f', (byte)'4') => MaskType.Float32,
            ((byte)'f', (byte)'8') => MaskType.Float64,
            _ => throw ImageException.Unsupported(name, "a .npy array of another type than bool, int8 to uint64, and float16 to float64"),
        };
    }
}
