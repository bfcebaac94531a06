namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// The road through a source image along which a cropped, mirrored and turned image is read row by row: output pixel (y, x) is
/// source pixel <c>Start + y · Down + x · Right</c>, counted in pixels from the source's first. One pass, whatever the augmentation.
/// </summary>
internal readonly record struct PixelWalk(int Start, int Down, int Right)
{
    /// <param name="augmentation">Crop, mirror and turn.</param>
    /// <param name="sourceWidth">Columns of the source image.</param>
    public static PixelWalk Of(GeometricAugmentation augmentation, int sourceWidth)
    {
        // In the crop's own coordinates: where output (0, 0) lies, and where one step down and one step right in the output lead.
        var (lastRow, lastColumn) = (augmentation.Height - 1, augmentation.Width - 1);
        (int row, int column, (int Row, int Column) down, (int Row, int Column) right) = augmentation.QuarterTurns switch
        {
            0 => (0, 0, (1, 0), (0, 1)),
            1 => (0, lastColumn, (0, -1), (1, 0)),
            2 => (lastRow, lastColumn, (-1, 0), (0, -1)),
            3 => (lastRow, 0, (0, 1), (-1, 0)),
            var turns => throw new ArgumentOutOfRangeException(nameof(augmentation), turns, "Quarter turns are 0 to 3."),
        };
        // The mirror comes before the turn, so it reverses the crop's columns.
        if (augmentation.Flip)
            (column, down.Column, right.Column) = (lastColumn - column, -down.Column, -right.Column);
        return new PixelWalk(
            (augmentation.Top + row) * sourceWidth + augmentation.Left + column,
            down.Row * sourceWidth + down.Column,
            right.Row * sourceWidth + right.Column);
    }
}
