using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>A picture made smaller by a whole factor: each pixel is the mean of a square, so that nothing falls through the grid.</summary>
public static class ShrunkPicture
{
    /// <param name="picture">RGB, 8 bits.</param>
    /// <param name="mostWidth">Pixels.</param>
    /// <exception cref="ArgumentException">It is of another type.</exception>
    public static PixelImage Of(PixelImage picture, int mostWidth)
    {
        if (picture.Shape is not { Channels: 3, Type: PixelType.UInt8 })
            throw new ArgumentException($"{picture.Shape} is no 8-bit RGB picture", nameof(picture));
        var factor = (picture.Shape.Width + mostWidth - 1) / mostWidth;
        var shape = picture.Shape with { Width = picture.Shape.Width / factor, Height = Math.Max(1, picture.Shape.Height / factor) };
        var small = new PixelImage(shape, new byte[shape.Bytes]);
        var high = Math.Min(factor, picture.Shape.Height);
        for (var y = 0; y < shape.Height; y++)
        {
            for (var x = 0; x < shape.Width; x++)
            {
                for (var channel = 0; channel < 3; channel++)
                    small.Pixels[(y * shape.Width + x) * 3 + channel] = (byte)(Sum(picture, x * factor, y * factor, factor, high, channel) / (factor * high));
            }
        }
        return small;
    }

    private static int Sum(PixelImage picture, int left, int top, int wide, int high, int channel)
    {
        var sum = 0;
        for (var y = top; y < top + high; y++)
        {
            for (var x = left; x < left + wide; x++)
                sum += picture.Pixels[(y * picture.Shape.Width + x) * 3 + channel];
        }
        return sum;
    }
}
