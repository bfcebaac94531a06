using System.Runtime.InteropServices;

namespace ChangeDetection.Images;

/// <summary>
/// Turns any decoded image into a mask of one channel and 8 bits, so that small label values do not vanish:
/// of several channels the brightest counts (exact for greys, and a mask painted in pure red or blue stays bright), alpha is ignored;
/// 16-bit and float values up to 255 are kept as they are ({0, 1} must not vanish), and where one is larger all are scaled from 65,535 to 255.
/// </summary>
internal static class MaskConversion
{
    /// <summary>Converts within the image's own buffer.</summary>
    /// <exception cref="ImageException">A float mask with fractions, negative values or values over 65,535.</exception>
    public static PixelImage InPlace(PixelImage image, string name)
    {
        var shape = image.Shape;
        switch (shape.Type)
        {
            case PixelType.UInt8 when shape.Channels > 1:
                Brightest(image.Bytes, image.Pixels, shape.Channels, static value => value);
                break;
            case PixelType.UInt16:
                var words = MemoryMarshal.Cast<byte, ushort>(image.Bytes);
                Brightest(words, image.Pixels, shape.Channels, Narrowing(Largest(words)));
                break;
            case PixelType.Float32:
                var floats = MemoryMarshal.Cast<byte, float>(image.Bytes);
                foreach (var value in floats)
                {
                    if (!(value >= 0 && value <= ushort.MaxValue && value == MathF.Floor(value)))
                        throw ImageException.Unsupported(name, $"a mask with the value {value}; masks hold whole numbers from 0 to 65,535");
                }
                var narrow = Narrowing((int)Largest(floats));
                Brightest(floats, image.Pixels, shape.Channels, value => narrow((ushort)value));
                break;
        }
        return new PixelImage(shape with { Channels = 1, Type = PixelType.UInt8 }, image.Pixels);
    }

    private static Func<ushort, byte> Narrowing(int largest) =>
        largest <= byte.MaxValue ? static value => (byte)value : static value => (byte)((value + 128) / 257);

    private static T Largest<T>(ReadOnlySpan<T> values) where T : unmanaged, IComparable<T>
    {
        var largest = default(T);
        foreach (var value in values)
            largest = value.CompareTo(largest) > 0 ? value : largest;
        return largest;
    }

    /// <summary>A result is never longer than what it was made from, so writing never overtakes reading.</summary>
    private static void Brightest<T>(ReadOnlySpan<T> values, byte[] mask, int channels, Func<T, byte> narrow) where T : unmanaged, IComparable<T>
    {
        for (int from = 0, to = 0; from < values.Length; from += channels)
            mask[to++] = narrow(Largest(values.Slice(from, channels)));
    }
}
