using System.Globalization;

namespace ChangeDetection.Imaging.Rasters;

/// <summary>
/// Where an image lies on the earth, as the tags of a GeoTIFF say (OGC GeoTIFF 1.1). The tags are kept as they were read, so that what is written
/// with them reads the same everywhere; <see cref="Transform"/> is what follows from them.
/// </summary>
public sealed record Georeference
{
    private const int RasterType = 1025, Geographic = 2048, Projected = 3072, PixelIsPoint = 2, UserDefined = 32767, DoubleParameterTag = 34736;

    /// <summary>ModelPixelScale: map units per pixel in x, y, z.</summary>
    public IReadOnlyList<double> PixelScale { get; init; } = [];
    /// <summary>ModelTiepoint: column, row, 0 and x, y, z, once or more often.</summary>
    public IReadOnlyList<double> Tiepoints { get; init; } = [];
    /// <summary>ModelTransformation: a matrix of 4 x 4, by rows.</summary>
    public IReadOnlyList<double> Transformation { get; init; } = [];
    /// <summary>GeoKeyDirectory: four numbers a key, the first four being the header.</summary>
    public IReadOnlyList<ushort> Keys { get; init; } = [];
    /// <summary>GeoDoubleParams.</summary>
    public IReadOnlyList<double> DoubleParameters { get; init; } = [];
    /// <summary>GeoAsciiParams.</summary>
    public string AsciiParameters { get; init; } = "";

    /// <summary>The same coordinate system, if any, with pixels where a transform puts them.</summary>
    public Georeference At(AffineTransform place)
    {
        // Where a pixel is a point, the tags speak of its centre.
        var half = Key(RasterType) == PixelIsPoint ? 0.5 : 0;
        var (x, y) = place.Apply(half, half);
        // Readers of GeoTIFF know scale and tie point better than a matrix, which cannot say more where north is up.
        return place is { XPerRow: 0, YPerColumn: 0, XPerColumn: > 0, YPerRow: < 0 }
            ? this with { PixelScale = [place.XPerColumn, -place.YPerRow, 0], Tiepoints = [0, 0, 0, x, y, 0], Transformation = [] }
            : this with
            {
                PixelScale = [], Tiepoints = [],
                Transformation = [place.XPerColumn, place.XPerRow, 0, x, place.YPerColumn, place.YPerRow, 0, y, 0, 0, 0, 0, 0, 0, 0, 1],
            };
    }

    /// <summary>Null where there are control points alone, or none.</summary>
    public AffineTransform? Transform
    {
        get
        {
            // Where a pixel is a point, the tags speak of its centre.
            var half = Key(RasterType) == PixelIsPoint ? 0.5 : 0;
            if (Transformation is [var a, var b, _, var d, var e, var f, _, var h, ..])
                return new AffineTransform(d - half * (a + b), a, b, h - half * (e + f), e, f);
            if (PixelScale is not [var scaleX, var scaleY, ..] || Tiepoints is not [var column, var row, _, var x, var y, ..])
                return null;
            return new AffineTransform(x - (column + half) * scaleX, scaleX, 0, y + (row + half) * scaleY, 0, -scaleY);
        }
    }

    /// <summary>The number of the coordinate system in the EPSG register; null where it is described otherwise, or not at all.</summary>
    public int? Epsg => Known(Projected) ?? Known(Geographic);

    /// <summary>Whether a coordinate system is named at all.</summary>
    public bool HasCoordinateSystem => Keys.Count > 4;

    /// <summary>For people.</summary>
    public string CoordinateSystem => Epsg is { } code ? code.ToString("'EPSG:'0", CultureInfo.InvariantCulture)
        : HasCoordinateSystem ? AsciiParameters.TrimEnd('|', '\0') is { Length: > 0 } words ? words : "a coordinate system of its own" : "no coordinate system";

    /// <summary>Whether two files name the same coordinate system: by number where both have one, else by the same tags.</summary>
    public bool IsInTheSystemOf(Georeference other) => Epsg is { } one && other.Epsg is { } two
        ? one == two
        : Keys.SequenceEqual(other.Keys) && DoubleParameters.SequenceEqual(other.DoubleParameters) && AsciiParameters == other.AsciiParameters;

    private int? Known(int key) => Key(key) is { } value and not (0 or UserDefined) ? value : null;

    /// <summary>The first of a key's numbers that stand among the double parameters; null where the file does not have it.</summary>
    internal double? Parameter(int key) => Parameters(key) is [var first, ..] && double.IsFinite(first) ? first : null;

    /// <summary>All of them.</summary>
    internal IReadOnlyList<double> Parameters(int key)
    {
        for (var at = 4; at + 3 < Keys.Count; at += 4)
        {
            if (Keys[at] == key && Keys[at + 1] == DoubleParameterTag && Keys[at + 3] + Keys[at + 2] <= DoubleParameters.Count)
                return [.. DoubleParameters.Skip(Keys[at + 3]).Take(Keys[at + 2])];
        }
        return [];
    }

    /// <summary>The value of a key that stands in the directory itself.</summary>
    internal int? Key(int key)
    {
        for (var at = 4; at + 3 < Keys.Count; at += 4)
        {
            if (Keys[at] == key && Keys[at + 1] == 0)
                return Keys[at + 3];
        }
        return null;
    }
}
