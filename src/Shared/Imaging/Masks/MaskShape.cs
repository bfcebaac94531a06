using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Masks;

/// <summary>The number types of masks. Fewer than 8 bits are <see cref="UInt8"/>.</summary>
public enum MaskType { UInt8, UInt16, UInt32, UInt64, Int8, Int16, Int32, Int64, Float16, Float32, Float64 }

/// <summary>What a mask's header tells before any pixel is decoded.</summary>
/// <param name="Channels">Alpha is one of them; a palette's indices are one.</param>
/// <param name="HasAlpha">Whether the last channel is alpha.</param>
public readonly record struct MaskShape(int Width, int Height, int Channels, MaskType Type, bool HasAlpha)
{
    /// <summary>Bytes of the decoded values.</summary>
    public long Bytes => (long)Width * Height * Channels * Type.Bytes();

    public override string ToString() => $"{Width}x{Height}x{Channels} {Type}";

    /// <exception cref="ImageException">The declared size is nothing, or over a limit.</exception>
    internal MaskShape Checked(ImageLimits limits, string name)
    {
        limits.Check(Width, Height, Channels, Type.Bytes(), Type, name);
        return this;
    }
}

internal static class MaskTypeSizes
{
    /// <summary>Of one value.</summary>
    public static int Bytes(this MaskType type) => type switch
    {
        MaskType.UInt8 or MaskType.Int8 => 1,
        MaskType.UInt16 or MaskType.Int16 or MaskType.Float16 => 2,
        MaskType.UInt32 or MaskType.Int32 or MaskType.Float32 => 4,
        _ => 8,
    };
}
