using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Makes an image a few pixels larger or smaller at its right and lower edge: cut off, or filled up with the last column and row.</summary>
internal static class SizeFit
{
    public static bool IsWithin(ImageShape shape, ImageShape wanted, int tolerance) =>
        Math.Abs(shape.Width - wanted.Width) <= tolerance && Math.Abs(shape.Height - wanted.Height) <= tolerance;

    /// <summary>The image in a new buffer of the wanted width and height.</summary>
    public static PixelImage To(PixelImage image, ImageShape wanted)
    {
        var (from, to) = (image.Shape, image.Shape with { Width = wanted.Width, Height = wanted.Height });
        var pixel = from.Channels * from.BytesPerValue;
        var (pixels, common) = (new byte[to.Bytes], Math.Min(from.Width, to.Width) * pixel);
        for (var y = 0; y < to.Height; y++)
        {
            var row = image.Bytes.Slice(Math.Min(y, from.Height - 1) * from.Width * pixel, from.Width * pixel);
            var target = pixels.AsSpan(y * to.Width * pixel, to.Width * pixel);
            row[..common].CopyTo(target);
            for (var at = common; at < target.Length; at += pixel)
                row[^pixel..].CopyTo(target[at..]);
        }
        return new PixelImage(to, pixels);
    }
}
