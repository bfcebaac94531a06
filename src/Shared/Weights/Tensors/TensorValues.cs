using System.Runtime.InteropServices;

namespace ChangeDetection.Weights.Tensors;

/// <summary>Looks at a tensor's numbers without a tensor library.</summary>
public static class TensorValues
{
    /// <summary>Index of the first infinite or NaN value, or null; integers are always finite.</summary>
    public static int? FirstNotFinite(TensorData tensor)
    {
        var index = tensor.Type switch
        {
            TensorType.F32 => Exponents<uint>(tensor, 0x7f800000u),
            TensorType.F64 => Exponents<ulong>(tensor, 0x7ff0000000000000ul),
            TensorType.F16 => Exponents<ushort>(tensor, (ushort)0x7c00),
            TensorType.BF16 => Exponents<ushort>(tensor, (ushort)0x7f80),
            _ => -1,
        };
        return index < 0 ? null : index;
    }

    /// <summary>A floating-point value is not finite exactly when all bits of its exponent are set.</summary>
    private static int Exponents<T>(TensorData tensor, T mask) where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(tensor.Bytes.Span);
        for (var i = 0; i < values.Length; i++)
        {
            if ((values[i] & mask) == mask)
                return i;
        }
        return -1;
    }
}
