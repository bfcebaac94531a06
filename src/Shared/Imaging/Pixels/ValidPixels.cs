using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Pixels;

/// <summary>
/// The one definition of "no pixel here", for packing, statistics, training, evaluation and prediction: all bands have the value for that, or one band
/// is not a finite number, or alpha is 0, or the file's internal mask is 0. A validity plane has a byte for each pixel.
/// </summary>
public static class ValidPixels
{
    public const byte Valid = byte.MaxValue, None = 0;

    /// <summary>Marks the pixels that are none by their values; others keep what they are marked as.</summary>
    /// <param name="shape">Its channels and type; <paramref name="validity"/> says how many pixels there are.</param>
    /// <param name="pixels">[pixels, channels], little-endian.</param>
    /// <param name="noData">The value for no pixel; null where there is none.</param>
    /// <param name="validity">A byte for each pixel.</param>
    public static void Exclude(ImageShape shape, ReadOnlySpan<byte> pixels, double? noData, Span<byte> validity)
    {
        pixels = pixels[..(validity.Length * shape.Channels * shape.BytesPerValue)];
        switch (shape.Type)
        {
            case PixelType.UInt8 when Whole(noData, byte.MaxValue) is { } value:
                ExcludeValue(pixels, (byte)value, shape.Channels, validity);
                break;
            case PixelType.UInt16 when Whole(noData, ushort.MaxValue) is { } value:
                ExcludeValue(MemoryMarshal.Cast<byte, ushort>(pixels), (ushort)value, shape.Channels, validity);
                break;
            case PixelType.Float32:
                var values = MemoryMarshal.Cast<byte, float>(pixels);
                if (noData is { } number && !double.IsNaN(number))
                    ExcludeValue(values, (float)number, shape.Channels, validity);
                for (var i = 0; i < values.Length; i++)
                {
                    if (!float.IsFinite(values[i]))
                        validity[i / shape.Channels] = None;
                }
                break;
        }
    }

    /// <summary>Whether values of an image can say by themselves that there is no pixel.</summary>
    public static bool MayExclude(ImageShape shape, double? noData) => shape.Type switch
    {
        PixelType.UInt8 => Whole(noData, byte.MaxValue) is not null,
        PixelType.UInt16 => Whole(noData, ushort.MaxValue) is not null,
        _ => true,
    };

    /// <summary>Marks the pixels that are none by a band of alpha, or by a mask: those where it is 0.</summary>
    /// <param name="band">Values of one size, such as 2 bytes for 16 bits.</param>
    internal static void ExcludeZeros(ReadOnlySpan<byte> band, Span<byte> validity)
    {
        var size = band.Length / Math.Max(1, validity.Length);
        for (var i = 0; i < validity.Length; i++)
        {
            if (!band.Slice(i * size, size).ContainsAnyExcept((byte)0))
                validity[i] = None;
        }
    }

    /// <summary>The value, where pixels of whole numbers can have it.</summary>
    private static int? Whole(double? noData, int most) =>
        noData is { } value && value >= 0 && value <= most && value == Math.Floor(value) ? (int)value : null;

    private static void ExcludeValue<T>(ReadOnlySpan<T> values, T nothing, int channels, Span<byte> validity) where T : unmanaged, IEquatable<T>
    {
        for (var i = 0; i < validity.Length; i++)
        {
            if (!values.Slice(i * channels, channels).ContainsAnyExcept(nothing))
                validity[i] = None;
        }
    }
}
