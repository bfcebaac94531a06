using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Masks;

/// <summary>Stored values of masks as whole numbers of 64 bits.</summary>
internal static class MaskValues
{
    /// <param name="stored">Little-endian values of the type, which <see cref="Missing"/> has looked at.</param>
    public static void Widen(MaskType type, ReadOnlySpan<byte> stored, Span<long> values)
    {
        switch (type)
        {
            case MaskType.UInt8: Each(stored, values, static value => value); break;
            case MaskType.Int8: Each(MemoryMarshal.Cast<byte, sbyte>(stored), values, static value => value); break;
            case MaskType.UInt16: Each(MemoryMarshal.Cast<byte, ushort>(stored), values, static value => value); break;
            case MaskType.Int16: Each(MemoryMarshal.Cast<byte, short>(stored), values, static value => value); break;
            case MaskType.UInt32: Each(MemoryMarshal.Cast<byte, uint>(stored), values, static value => value); break;
            case MaskType.Int32: Each(MemoryMarshal.Cast<byte, int>(stored), values, static value => value); break;
            case MaskType.UInt64: Each(MemoryMarshal.Cast<byte, ulong>(stored), values, static value => value <= long.MaxValue ? (long)value : 0); break;
            case MaskType.Int64: MemoryMarshal.Cast<byte, long>(stored).CopyTo(values); break;
            case MaskType.Float16: Each(MemoryMarshal.Cast<byte, Half>(stored), values, static value => IsWhole(value) ? (long)value : 0); break;
            case MaskType.Float32: Each(MemoryMarshal.Cast<byte, float>(stored), values, static value => IsWhole(value) ? (long)value : 0); break;
            default: Each(MemoryMarshal.Cast<byte, double>(stored), values, static value => IsWhole(value) ? (long)value : 0); break;
        }
    }

    /// <summary>Finds the values that are no number.</summary>
    /// <param name="noData">GDAL_NODATA, for values that no mask can have otherwise.</param>
    /// <returns>True for each of them; null where there is none.</returns>
    /// <exception cref="ImageException">There is a fraction, an infinity, or a number that 64 bits with a sign do not hold.</exception>
    public static bool[]? Missing(MaskShape shape, ReadOnlySpan<byte> stored, double? noData, string name) => shape.Type switch
    {
        MaskType.UInt64 => Missing(shape, MemoryMarshal.Cast<byte, ulong>(stored), noData, name),
        MaskType.Float16 => Missing(shape, MemoryMarshal.Cast<byte, Half>(stored), noData, name),
        MaskType.Float32 => Missing(shape, MemoryMarshal.Cast<byte, float>(stored), noData, name),
        MaskType.Float64 => Missing(shape, MemoryMarshal.Cast<byte, double>(stored), noData, name),
        _ => null,
    };

    private static bool[]? Missing<T>(MaskShape shape, ReadOnlySpan<T> values, double? noData, string name) where T : unmanaged, INumber<T>
    {
        bool[]? missing = null;
        // In the values' own type: a float holds the tag's decimals as its nearest number.
        var nothing = noData is { } number ? T.CreateSaturating(number) : T.Zero;
        for (var i = 0; i < values.Length; i++)
        {
            if (IsWhole(values[i]))
                continue;
            if (!T.IsNaN(values[i]) && !(noData is not null && values[i] == nothing))
                throw Refused(shape, i, values[i], name);
            (missing ??= new bool[values.Length])[i] = true;
        }
        return missing;
    }

    /// <summary>Whether a mask's values can be this number: whole, and below 2^63 on either side.</summary>
    private static bool IsWhole<T>(T value) where T : INumber<T> =>
        T.IsInteger(value) && T.Abs(value) <= T.CreateSaturating(long.MaxValue)
        && (typeof(T) == typeof(ulong) || double.CreateChecked(T.Abs(value)) < TooLarge);

    private const double TooLarge = 9223372036854775808;

    private static ImageException Refused<T>(MaskShape shape, int index, T value, string name) where T : INumber<T>
    {
        var pixel = index / shape.Channels;
        return new ImageException(name, ImageFault.Unsupported,
            string.Create(CultureInfo.InvariantCulture, $"a mask with the value {value} at column {pixel % shape.Width}, row {pixel / shape.Width}"),
            "Masks hold whole numbers of at most 64 bits with a sign: round the values, or write them anew as whole numbers.");
    }

    private static void Each<T>(ReadOnlySpan<T> from, Span<long> to, Func<T, long> widen)
    {
        for (var i = 0; i < from.Length; i++)
            to[i] = widen(from[i]);
    }
}
