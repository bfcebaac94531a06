using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Worker.Data.Pixels;

/// <summary>
/// What is done to the place of the pixels of the sample drawn at a position: crop, then mirror, then turn. The same for before, after and mask, but that
/// the second date may be shifted. A pure function of (seed, epoch, position): drawn twice in an epoch, one sample gets two crops.
/// </summary>
/// <param name="Top">First row of the crop.</param>
/// <param name="Left">First column of the crop.</param>
/// <param name="Height">Rows of the crop.</param>
/// <param name="Width">Columns of the crop.</param>
/// <param name="Flip">Mirror left to right.</param>
/// <param name="QuarterTurns">Turns by 90 degrees, counter-clockwise; odd only for a square crop.</param>
/// <param name="SwapDates">Exchange before and after.</param>
/// <param name="ShiftDown">How many rows further down the second date's pixels are taken from.</param>
/// <param name="ShiftRight">How many columns further right the second date's pixels are taken from.</param>
public readonly record struct GeometricAugmentation(
    int Top, int Left, int Height, int Width, bool Flip = false, int QuarterTurns = 0, bool SwapDates = false, int ShiftDown = 0, int ShiftRight = 0)
{
    /// <summary>The whole image as it is.</summary>
    public static GeometricAugmentation None(int height, int width) => new(0, 0, height, width);

    /// <summary>Where the second date is cropped; outside the image its border is repeated.</summary>
    // No property: a record prints those, and this one would print its own without end.
    public GeometricAugmentation OfSecondDate() => this with { Top = Top + ShiftDown, Left = Left + ShiftRight };

    /// <param name="seed">The experiment's.</param>
    /// <param name="allowed">Which of the changes may be drawn.</param>
    /// <param name="crop">Side of the square crop; null: the whole image, which is turned by 180 degrees alone unless it is square.</param>
    /// <param name="height">Rows of the image, at least the crop's.</param>
    /// <param name="width">Columns of the image, at least the crop's.</param>
    /// <param name="attempt">Number of the crop, from 0, where several are drawn to choose from; all else is the same in each.</param>
    public static GeometricAugmentation Draw(long seed, int epoch, int position, AugmentConfig allowed, int? crop, int height, int width, int attempt = 0)
    {
        var draws = new Philox(seed, DrawPurpose.Augmentation);
        var (a, b, c, _) = draws.Draw(0, (uint)position, (uint)epoch, 0);
        if (attempt > 0)
            (a, b, _, _) = draws.Draw((uint)attempt, (uint)position, (uint)epoch, 0);
        var (rows, columns) = (crop ?? height, crop ?? width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, height, nameof(crop));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, width, nameof(crop));
        var turns = allowed.Rotate90 ? (int)(c >> 1 & 3) : 0;
        var (down, right) = Shift(seed, epoch, position, allowed.Misregister);
        return new GeometricAugmentation(
            Top: Below(height - rows + 1, a),
            Left: Below(width - columns + 1, b),
            rows,
            columns,
            Flip: allowed.Flip && (c & 1) != 0,
            QuarterTurns: rows == columns ? turns : turns & 2,
            SwapDates: allowed.SwapDates && (c >> 3 & 1) != 0,
            ShiftDown: down,
            ShiftRight: right);
    }

    private static (int Down, int Right) Shift(long seed, int epoch, int position, int most)
    {
        if (most == 0)
            return (0, 0);
        var (a, b, _, _) = new Philox(seed, DrawPurpose.Misregistration).Draw(0, (uint)position, (uint)epoch, 0);
        return (Below(2 * most + 1, a) - most, Below(2 * most + 1, b) - most);
    }

    private static int Below(int bound, uint random) => (int)((ulong)bound * random >> 32);
}
