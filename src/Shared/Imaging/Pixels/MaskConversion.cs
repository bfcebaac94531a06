using System.Runtime.InteropServices;

namespace ChangeDetection.Imaging.Pixels;

/// <summary>
/// Turns any decoded image into a mask of one channel and 8 bits, so that small label values do not vanish:
/// of several channels the brightest counts (exact for greys, and a mask painted in pure red or blue stays bright), alpha is ignored;
/// 16-bit and float values up to 255 are kept as they are ({0, 1} must not vanish), and where one is larger all are scaled from 65,535 to 255.
/// </summary>
public static class MaskConversion
{
    /// <summary>Converts within the image's own buffer.</summary>
    /// <exception cref="ImageException">A float mask with fractions, negative values or values over 65,535.</exception>
    public static PixelImage InPlace(PixelImage image, string name) => InPlace(image, Largest(image, name));

    /// <summary>Converts a part of a mask within its own buffer.</summary>
    /// <param name="largest">The largest value of the whole mask, by <see cref="Largest(PixelImage, string)"/>.</param>
    public static PixelImage InPlace(PixelImage image, int largest)
    {
        var channels = image.Shape.Channels;
        switch (image.Shape.Type)
        {
            case PixelType.UInt8 when channels > 1:
                Brightest(image.Bytes, image.Pixels, channels, static value => value);
                break;
            case PixelType.UInt16:
                Brightest(MemoryMarshal.Cast<byte, ushort>(image.Bytes), image.Pixels, channels, Narrowing(largest));
                break;
            case PixelType.Float32:
                var narrow = Narrowing(largest);
                Brightest(MemoryMarshal.Cast<byte, float>(image.Bytes), image.Pixels, channels, value => narrow((ushort)value));
                break;
        }
        return new PixelImage(ShapeOf(image.Shape), image.Pixels);
    }

    /// <summary>What an image of this shape becomes.</summary>
    public static ImageShape ShapeOf(ImageShape shape) => shape with { Channels = 1, Type = PixelType.UInt8 };

    /// <summary>The largest value of an image; of 8 bits, the largest that there can be.</summary>
    /// <exception cref="ImageException">Floats with fractions, negative values or values over 65,535.</exception>
    public static int Largest(PixelImage image, string name)
    {
        switch (image.Shape.Type)
        {
            case PixelType.UInt16:
                return Largest(MemoryMarshal.Cast<byte, ushort>(image.Bytes));
            case PixelType.Float32:
                var floats = MemoryMarshal.Cast<byte, float>(image.Bytes);
                foreach (var value in floats)
                {
                    if (!(value >= 0 && value <= ushort.MaxValue && value == MathF.Floor(value)))
                        throw ImageException.Unsupported(name, $"a mask with the value {value}; masks hold whole numbers from 0 to 65,535");
                }
                return (int)Largest(floats);
            default:
                return byte.MaxValue;
        }
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
