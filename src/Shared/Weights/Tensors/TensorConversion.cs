using System.Runtime.InteropServices;

namespace ChangeDetection.Weights.Tensors;

/// <summary>The same numbers in another type, as far as weights travel: floating point to float32, whole numbers to int64.</summary>
public static class TensorConversion
{
    /// <summary>
    /// The tensor in this type; null where that is no such conversion. Of float64, values are rounded; all others stay exactly what they are.
    /// </summary>
    public static TensorData? To(this TensorData tensor, TensorType type) => (tensor.Type, type) switch
    {
        var (from, to) when from == to => tensor,
        (TensorType.F64, TensorType.F32) => Convert<double, float>(tensor, type, value => (float)value),
        (TensorType.F16, TensorType.F32) => Convert<Half, float>(tensor, type, value => (float)value),
        (TensorType.BF16, TensorType.F32) => Convert<ushort, float>(tensor, type, value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
        (TensorType.I32, TensorType.I64) => Convert<int, long>(tensor, type, value => value),
        (TensorType.I16, TensorType.I64) => Convert<short, long>(tensor, type, value => value),
        (TensorType.I8, TensorType.I64) => Convert<sbyte, long>(tensor, type, value => value),
        (TensorType.U8, TensorType.I64) => Convert<byte, long>(tensor, type, value => value),
        _ => null,
    };

    private static TensorData Convert<TFrom, TTo>(TensorData tensor, TensorType type, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, TFrom>(tensor.Bytes.Span);
        var bytes = new byte[(long)values.Length * type.Size()];
        var converted = MemoryMarshal.Cast<byte, TTo>(bytes.AsSpan());
        for (var i = 0; i < values.Length; i++)
            converted[i] = convert(values[i]);
        return tensor with { Type = type, Bytes = bytes };
    }
}
