namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// From pixels to the map: <c>x = X + column · XPerColumn + row · XPerRow</c>, y alike. (0, 0) is the upper left corner of the first pixel.
/// </summary>
public readonly record struct AffineTransform(double X, double XPerColumn, double XPerRow, double Y, double YPerColumn, double YPerRow)
{
    /// <summary>Pixels themselves: x to the right, y down.</summary>
    public static AffineTransform Pixels { get; } = new(0, 1, 0, 0, 0, 1);

    public (double X, double Y) Apply(double column, double row) =>
        (X + column * XPerColumn + row * XPerRow, Y + column * YPerColumn + row * YPerRow);

    /// <summary>The side of a square of a pixel's area, in map units.</summary>
    public double PixelSide => Math.Sqrt(PixelArea);

    /// <summary>In square map units.</summary>
    public double PixelArea => Math.Abs(XPerColumn * YPerRow - XPerRow * YPerColumn);

    /// <summary>Whether what is clockwise with rows counted downwards is clockwise with y up, as where north is up.</summary>
    public bool IsMirrored => XPerColumn * YPerRow - XPerRow * YPerColumn < 0;

    /// <summary>How far apart, in map units, two transforms put the corners of an image of this size at most.</summary>
    public double LargestDistance(AffineTransform other, int width, int height)
    {
        var largest = 0.0;
        foreach (var (column, row) in new[] { (0, 0), (width, 0), (0, height), (width, height) })
        {
            var (one, two) = (Apply(column, row), other.Apply(column, row));
            largest = Math.Max(largest, Math.Sqrt((one.X - two.X) * (one.X - two.X) + (one.Y - two.Y) * (one.Y - two.Y)));
        }
        return largest;
    }
}
