using ChangeDetection.Imaging.Geodesy;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Imaging.Polygons;

/// <summary>
/// Outlines of pixels as points of the earth. A straight side on the map is none in longitude and latitude, nor a geodesic, and programs draw the lines between
/// points either way. So it gets points between its corners until all three enclose the same area to a millionth, and none is longer than
/// <see cref="EllipsoidalArea.LongestEdge"/>.
/// </summary>
internal sealed class EarthOutline(EarthMapping mapping, AffineTransform transform)
{
    /// <summary>
    /// In pixels: between a bow that is so high and its chord lies two thirds of that times its length, a millionth of the pixels along one side of it.
    /// </summary>
    private const double HighestBow = 1.5e-6;

    /// <summary>Halvings of a side: where a mapping is not smooth there is an end to them.</summary>
    private const int Deepest = 20;

    private readonly bool _isMirrored = transform.IsMirrored;
    private readonly List<EarthPoint> _points = [];

    /// <summary>
    /// Of all rings of a polygon: the outline first, counter-clockwise with north up, then the holes, clockwise. None is closed by a repeated point.
    /// </summary>
    public EarthPoint[][] Rings(TracedPolygon polygon) => [.. polygon.Holes.Prepend(polygon.Outline).Select(Ring)];

    private EarthPoint[] Ring(Vertex[] ring)
    {
        _points.Clear();
        for (var i = 0; i < ring.Length; i++)
        {
            var (from, to) = (At(ring, i), At(ring, i + 1));
            var (first, last) = (Place(from.X, from.Y), Place(to.X, to.Y));
            _points.Add(first);
            Between((from.X, from.Y), first, (to.X, to.Y), last, Deepest);
        }
        return [.. _points];
    }

    private Vertex At(Vertex[] ring, int index) => ring[(_isMirrored ? ring.Length - index + ring.Length : index) % ring.Length];

    private void Between((double X, double Y) from, EarthPoint first, (double X, double Y) to, EarthPoint last, int depth)
    {
        var (east, north) = (last.Longitude - first.Longitude, last.Latitude - first.Latitude);
        var isShort = Math.Max(Math.Abs(east), Math.Abs(north)) <= EllipsoidalArea.LongestEdge;
        var pixels = Math.Abs(to.X - from.X) + Math.Abs(to.Y - from.Y);
        if (depth == 0)
            return;
        var at = (X: (from.X + to.X) / 2, Y: (from.Y + to.Y) / 2);
        var middle = Place(at.X, at.Y);
        var (sine, narrow) = Math.SinCos(middle.Latitude);
        var length = Math.Sqrt(east * east * narrow * narrow + north * north);
        // The distance from the line, not along it: what is unevenly spread on a line lies on it all the same.
        var off = Math.Abs((middle.Longitude - first.Longitude) * north - (middle.Latitude - first.Latitude) * east) * narrow
            / Math.Max(length, double.Epsilon);
        // As on a sphere: see EllipsoidalArea.
        var bow = Math.Abs(sine * (east * east * narrow * narrow + 2 * north * north) * east) / (8 * Math.Max(length, double.Epsilon));
        if (isShort && Math.Max(off, bow) <= HighestBow * length / pixels)
            return;
        Between(from, first, at, middle, depth - 1);
        _points.Add(middle);
        Between(at, middle, to, last, depth - 1);
    }

    private EarthPoint Place(double column, double row)
    {
        var (x, y) = transform.Apply(column, row);
        return mapping.At(x, y);
    }
}
