using ChangeDetection.Imaging.Pixels;
using SixLabors.ImageSharp.Processing;

namespace ChangeDetection.Imaging.Pictures;

/// <summary>
/// A picture made smaller, its proportions kept. Each pixel is a mean, weighted by distance, of all that it stands for, so that no small change falls
/// through a grid; and no filter that overshoots, so that masks and the colours of errors get no fringes.
/// </summary>
public static class ShrunkPicture
{
    /// <param name="picture">RGB, 8 bits.</param>
    /// <param name="mostWidth">Pixels.</param>
    /// <param name="mostHeight">Pixels; null: as many as follow from the width.</param>
    /// <returns>The same picture where it is small enough already.</returns>
    /// <exception cref="ArgumentException">It is of another type.</exception>
    public static PixelImage Of(PixelImage picture, int mostWidth, int? mostHeight = null)
    {
        using var image = PictureMemory.Wrap(picture);
        var scale = Math.Min((double)mostWidth / picture.Shape.Width, (double)(mostHeight ?? int.MaxValue) / picture.Shape.Height);
        if (scale >= 1)
            return picture;
        var shape = picture.Shape with { Width = Side(picture.Shape.Width, scale), Height = Side(picture.Shape.Height, scale) };
        using var shrunk = image.Clone(context => context.Resize(shape.Width, shape.Height, KnownResamplers.Triangle));
        var small = new PixelImage(shape, new byte[shape.Bytes]);
        shrunk.CopyPixelDataTo(small.Pixels);
        return small;
    }

    private static int Side(int length, double scale) => Math.Max(1, (int)Math.Round(length * scale));
}
