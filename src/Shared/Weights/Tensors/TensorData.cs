namespace ChangeDetection.Weights.Tensors;

/// <summary>Number types of the safetensors format, by the names that it uses.</summary>
public enum TensorType { BOOL, U8, I8, I16, I32, I64, F16, BF16, F32, F64 }

/// <summary>A named tensor: little-endian values in row-major order of <paramref name="Shape"/> (empty: a scalar).</summary>
public sealed record TensorData(string Name, TensorType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Type and shape, as in <c>F32 [16, 3, 3, 3]</c>.</summary>
    public string Layout => $"{Type} [{string.Join(", ", Shape)}]";
}

public static class TensorTypes
{
    public static int Size(this TensorType type) => type switch
    {
        TensorType.BOOL or TensorType.U8 or TensorType.I8 => 1,
        TensorType.I16 or TensorType.F16 or TensorType.BF16 => 2,
        TensorType.I32 or TensorType.F32 => 4,
        _ => 8,
    };
}
