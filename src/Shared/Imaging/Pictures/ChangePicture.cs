using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>
/// One picture of a sample, for people: before | after | mask | prediction | errors, side by side with a thin border. Without a mask the
/// picture ends after the prediction. Errors: white found, black rightly left alone, <see cref="FalsePositive"/> and <see cref="FalseNegative"/>
/// (Okabe and Ito's vermillion and sky blue, which eyes without red or green receptors tell apart). Pixels that count nowhere are grey in mask and errors.
/// </summary>
public static class ChangePicture
{
    /// <summary>Pixels around and between panels.</summary>
    public const int Border = 2;

    private const byte BorderGrey = 128;

    /// <summary>The grey of a pixel of which the truth is not known.</summary>
    public const byte IgnoredGrey = 128;

    /// <summary>Red, green, blue of a pixel that was taken for change and is none.</summary>
    public static ReadOnlySpan<byte> FalsePositive => [213, 94, 0];

    /// <summary>Red, green, blue of a change that was missed.</summary>
    public static ReadOnlySpan<byte> FalseNegative => [86, 180, 233];

    /// <summary>Composes the picture: RGB, 8 bits; <see cref="PictureEncoder"/> makes a file of it.</summary>
    /// <param name="before">Any image; see <see cref="DisplayBands"/> for what is shown of one that is not 8-bit grey or RGB.</param>
    /// <param name="after">Of the same shape.</param>
    /// <param name="mask">One channel of 8 bits, the same size; anything but 0 is change. Null where the truth is not known.</param>
    /// <param name="prediction">As the mask.</param>
    /// <param name="ignored">The value of the mask's pixels that count nowhere; null where all count.</param>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public static PixelImage Compose(PixelImage before, PixelImage after, PixelImage? mask, PixelImage prediction, byte? ignored = null)
    {
        var (width, height) = (before.Shape.Width, before.Shape.Height);
        if (after.Shape != before.Shape)
            throw new ArgumentException($"before is {before.Shape}, after is {after.Shape}", nameof(after));
        CheckBinary(prediction, before.Shape, nameof(prediction));
        if (mask is not null)
            CheckBinary(mask, before.Shape, nameof(mask));

        var panels = mask is null ? 3 : 5;
        var shape = new ImageShape(panels * (width + Border) + Border, height + 2 * Border, 3, PixelType.UInt8);
        var picture = new PixelImage(shape, new byte[shape.Bytes]);
        Array.Fill(picture.Pixels, BorderGrey);
        var (shownBefore, shownAfter) = DisplayBands.Convert(before, after);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = y * width + x;
                var panel = 0;
                shownBefore.AsSpan(3 * at, 3).CopyTo(Pixel(picture, panel++, width, x, y));
                shownAfter.AsSpan(3 * at, 3).CopyTo(Pixel(picture, panel++, width, x, y));
                var found = prediction.Pixels[at] != 0;
                if (mask is not null)
                    Pixel(picture, panel++, width, x, y).Fill(Shade(mask.Pixels[at], ignored));
                Pixel(picture, panel++, width, x, y).Fill(found ? byte.MaxValue : (byte)0);
                if (mask is not null && mask.Pixels[at] == ignored)
                    Pixel(picture, panel, width, x, y).Fill(IgnoredGrey);
                else if (mask is not null)
                    Judge(found, mask.Pixels[at] != 0, Pixel(picture, panel, width, x, y));
            }
        }
        return picture;
    }

    /// <summary>What a mask's value is shown as: black, white, or grey where it counts nowhere.</summary>
    internal static byte Shade(byte value, byte? ignored) => value == ignored ? IgnoredGrey : value != 0 ? byte.MaxValue : (byte)0;

    private static Span<byte> Pixel(PixelImage picture, int panel, int width, int x, int y) =>
        picture.Pixels.AsSpan(((y + Border) * picture.Shape.Width + Border + panel * (width + Border) + x) * 3, 3);

    private static void Judge(bool found, bool changed, Span<byte> pixel)
    {
        if (found == changed)
            pixel.Fill(found ? byte.MaxValue : (byte)0);
        else
            (found ? FalsePositive : FalseNegative).CopyTo(pixel);
    }

    private static void CheckBinary(PixelImage image, ImageShape like, string name)
    {
        if (image.Shape != like with { Channels = 1, Type = PixelType.UInt8 })
            throw new ArgumentException($"{name} is {image.Shape}; one 8-bit channel of {like.Width}x{like.Height} is needed", name);
    }
}
