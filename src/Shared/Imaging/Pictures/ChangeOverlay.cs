using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>A picture of the later date with what changed in colour, for people. Pixels of which nothing is known are grey.</summary>
public static class ChangeOverlay
{
    private const byte UnknownGrey = 128;

    /// <summary>Composes the picture: RGB, 8 bits; <see cref="PictureEncoder"/> makes a file of it.</summary>
    /// <param name="after">Any image; see <see cref="DisplayBands"/> for what is shown of it.</param>
    /// <param name="classes">By pixel: 0 no change, 1 change, anything else not known.</param>
    public static PixelImage Compose(PixelImage after, ReadOnlySpan<byte> classes)
    {
        var shape = new ImageShape(after.Shape.Width, after.Shape.Height, 3, PixelType.UInt8);
        var (shown, _) = DisplayBands.Convert(after, after);
        for (var at = 0; at < classes.Length; at++)
        {
            var pixel = shown.AsSpan(3 * at, 3);
            if (classes[at] > 1)
                pixel.Fill(UnknownGrey);
            for (var band = 0; classes[at] == 1 && band < 3; band++)
                pixel[band] = (byte)((pixel[band] + 2 * ChangePicture.FalsePositive[band]) / 3);
        }
        return new PixelImage(shape, shown);
    }
}
