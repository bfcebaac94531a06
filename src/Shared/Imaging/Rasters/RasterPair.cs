using System.Globalization;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>Whether two dates of a scene show the same pixels of the earth.</summary>
public static class RasterPair
{
    /// <summary>The smallest side that networks take.</summary>
    public const int MinimumSide = 16;

    /// <summary>In pixels: what rounding in the writing of tags may make of equal grids.</summary>
    private const double Tolerance = 0.01;

    private const string Resample = "Resample one onto the grid of the other, for example by gdalwarp -te -ts.";

    /// <summary>Checks the pair.</summary>
    /// <returns>The georeference that holds for both; null where neither has one.</returns>
    /// <exception cref="RasterPairException">They do not fit; the message says how far apart they are.</exception>
    public static Georeference? Check(IRasterReader before, IRasterReader after)
    {
        var (one, two) = (before.Shape, after.Shape);
        if (one.Width != two.Width || one.Height != two.Height)
        {
            var (columns, rows) = (Math.Abs(one.Width - two.Width), Math.Abs(one.Height - two.Height));
            throw new RasterPairException(
                Text($"{before.Name} is {one.Width}x{one.Height} pixels, {after.Name} {two.Width}x{two.Height}: ") +
                Text($"{columns} columns and {rows} rows apart. {Resample}"));
        }
        if (one.Channels != two.Channels)
            throw new RasterPairException(
                Text($"{before.Name} has {one.Channels} bands, {after.Name} {two.Channels}. ") +
                "Give both dates the same bands, for example by gdal_translate -b.");
        if (Math.Min(one.Width, one.Height) < MinimumSide)
            throw new RasterPairException(Text($"{before.Name} is {one.Width}x{one.Height} pixels; networks take {MinimumSide} a side and more."));
        if (before.Georeference is { } first && after.Georeference is { } second)
            CheckPlaces(before, first, after, second);
        // A world file names no coordinate system; where the other date does, its tags say more.
        return new[] { before.Georeference, after.Georeference }.FirstOrDefault(place => place is { HasCoordinateSystem: true, Transform: not null })
            ?? before.Georeference ?? after.Georeference;
    }

    private static void CheckPlaces(IRasterReader before, Georeference first, IRasterReader after, Georeference second)
    {
        if (first.HasCoordinateSystem && second.HasCoordinateSystem && !first.IsInTheSystemOf(second))
            throw new RasterPairException(
                $"{before.Name} is in {first.CoordinateSystem}, {after.Name} in {second.CoordinateSystem}. " +
                "Bring one into the system of the other, for example by gdalwarp -t_srs.");
        if (first.Transform is not { } one || second.Transform is not { } two)
            return;
        var distance = one.LargestDistance(two, before.Shape.Width, before.Shape.Height);
        var pixels = distance / one.PixelSide;
        if (pixels > Tolerance)
        {
            throw new RasterPairException(
                Text($"the corners of {before.Name} and {after.Name} lie up to {distance:0.######} map units apart, ") +
                Text($"which is {pixels:0.##} pixels. {Resample}"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Two dates that do not show the same pixels of the earth.</summary>
public sealed class RasterPairException(string message) : Exception(message);
