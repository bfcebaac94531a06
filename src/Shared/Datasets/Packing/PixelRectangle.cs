using System.Globalization;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Packing;

/// <summary>A part of an image in pixels, from the top left.</summary>
public readonly record struct PixelRectangle(int X, int Y, int Width, int Height)
{
    public bool IsInside(ImageShape shape) => (long)X + Width <= shape.Width && (long)Y + Height <= shape.Height;

    public bool Overlaps(PixelRectangle other) =>
        X < (long)other.X + other.Width && other.X < (long)X + Width && Y < (long)other.Y + other.Height && other.Y < (long)Y + Height;

    /// <summary>Cuts the part out of an image, within the image's own buffer.</summary>
    public PixelImage Cut(PixelImage image)
    {
        var shape = image.Shape;
        var pixel = shape.Channels * shape.BytesPerValue;
        var (from, to) = (shape.Width * pixel, Width * pixel);
        // Row by row from the top: a row's new place is never behind its old one.
        for (var row = 0; row < Height; row++)
            image.Pixels.AsSpan((Y + row) * from + X * pixel, to).CopyTo(image.Pixels.AsSpan(row * to));
        return image with { Shape = shape with { Width = Width, Height = Height } };
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{X},{Y},{Width},{Height}");
}
