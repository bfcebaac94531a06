using System.Globalization;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>Whether two dates of a scene show the same pixels of the earth, in values that can be compared.</summary>
public static class RasterPair
{
    /// <summary>The smallest side that networks take.</summary>
    public const int MinimumSide = 16;

    /// <summary>In pixels: what rounding in the writing of tags may make of equal grids.</summary>
    private const double Tolerance = 0.01;

    private const string Resample = "Resample one onto the grid of the other, for example by gdalwarp -te -ts.";

    /// <summary>Checks the pair.</summary>
    /// <returns>The georeference that holds for both; null where neither has one.</returns>
    /// <exception cref="RasterPairException">They do not fit; the message has a line for each rule that is broken.</exception>
    public static Georeference? Check(IRasterReader before, IRasterReader after)
    {
        var problems = Problems(before, after).ToList();
        if (problems.Count > 0)
            throw new RasterPairException(string.Join('\n', problems));
        // A world file names no coordinate system; where the other date does, its tags say more.
        return new[] { before.Georeference, after.Georeference }.FirstOrDefault(place => place is { HasCoordinateSystem: true, Transform: not null })
            ?? before.Georeference ?? after.Georeference;
    }

    private static IEnumerable<string> Problems(IRasterReader before, IRasterReader after)
    {
        var (one, two) = (before.Shape, after.Shape);
        var isOneSize = one.Width == two.Width && one.Height == two.Height;
        if (!isOneSize)
        {
            var (columns, rows) = (Math.Abs(one.Width - two.Width), Math.Abs(one.Height - two.Height));
            yield return
                Text($"{before.Name} is {one.Width}x{one.Height} pixels, {after.Name} {two.Width}x{two.Height}: ") +
                Text($"{columns} columns and {rows} rows apart. {Resample}");
        }
        if (one.Channels != two.Channels)
            yield return
                Text($"{before.Name} has {one.Channels} bands, {after.Name} {two.Channels}. ") +
                "Give both dates the same bands, for example by gdal_translate -b.";
        if (one.Type != two.Type)
            yield return
                $"{before.Name} holds values of the type {Name(one.Type)}, {after.Name} of {Name(two.Type)}: the same ground would have other numbers in " +
                $"either. Convert one, for example {after.Name} by gdal_translate -ot {GdalName(one.Type)} -scale MIN MAX {GdalRange(one.Type)}, where MIN " +
                $"and MAX are those of its values that the ends of {before.Name}'s range stand for.";
        if (Math.Min(one.Width, one.Height) < MinimumSide)
            yield return Text($"{before.Name} is {one.Width}x{one.Height} pixels; networks take {MinimumSide} a side and more.");
        if (isOneSize && before.Georeference is { } first && after.Georeference is { } second && PlaceProblem(before, first, after, second) is { } problem)
            yield return problem;
    }

    private static string? PlaceProblem(IRasterReader before, Georeference first, IRasterReader after, Georeference second)
    {
        if (first.HasCoordinateSystem && second.HasCoordinateSystem && !first.IsInTheSystemOf(second))
            return
                $"{before.Name} is in {first.CoordinateSystem}, {after.Name} in {second.CoordinateSystem}. " +
                "Bring one into the system of the other, for example by gdalwarp -t_srs.";
        if (first.Transform is not { } one || second.Transform is not { } two)
            return null;
        var distance = one.LargestDistance(two, before.Shape.Width, before.Shape.Height);
        var pixels = distance / one.PixelSide;
        return pixels > Tolerance
            ? Text($"the corners of {before.Name} and {after.Name} lie up to {distance:0.######} map units apart, ") +
                Text($"which is {pixels:0.##} pixels. {Resample}")
            : null;
    }

    private static string Name(PixelType type) => type switch { PixelType.UInt8 => "uint8", PixelType.UInt16 => "uint16", _ => "float32" };

    private static string GdalName(PixelType type) => type switch { PixelType.UInt8 => "Byte", PixelType.UInt16 => "UInt16", _ => "Float32" };

    private static string GdalRange(PixelType type) => type switch { PixelType.UInt8 => "0 255", PixelType.UInt16 => "0 65535", _ => "LOW HIGH" };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Two dates that do not show the same pixels of the earth, or that the network cannot take.</summary>
public sealed class RasterPairException(string message) : Exception(message);
