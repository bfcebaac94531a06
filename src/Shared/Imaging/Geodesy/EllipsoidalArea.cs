namespace ChangeDetection.Imaging.Geodesy;

/// <summary>
/// Areas of rings of geodesics on an ellipsoid: what C. F. F. Karney's algorithm gives (Algorithms for geodesics, Journal of Geodesy 87, 2013, section
/// 6). That adds up areas down to the equator, of which square millimetres to decimetres are rounding: more than a pixel of 10 cm has. Here the area below
/// each edge is taken from a parallel of the ring itself on, so that a polygon of any size keeps its digits.
/// </summary>
/// <remarks>
/// Below the straight line in longitude and latitude it is the integral of the ellipsoid's area below a parallel, by Gauss and Legendre's rule of three
/// points. The geodesic bends away from that line: by the geodesic equation, with M and P the radii of meridian and parallel and ' the derivative by
/// latitude, d²φ/dλ² = -(P sin φ) / M - (M'/M + 2 M sin φ / P) (dφ/dλ)², which is as good as constant along a short edge, so that the area between them is
/// that times -M P Δλ³ / 12.
/// </remarks>
public static class EllipsoidalArea
{
    /// <summary>Edges of at most this length, in radians of longitude or latitude, have areas with a relative error below 1e-6, up to 89 degrees.</summary>
    public const double LongestEdge = Math.PI / 720;

    private const double Outer = 5.0 / 18, Middle = 8.0 / 18;

    /// <summary>At the outer points, as a part of the edge on either side of its middle.</summary>
    private static readonly double s_outerPoint = Math.Sqrt(0.6) / 2;

    /// <summary>In square metres; above 0 for a ring that is counter-clockwise with north up. The ring is not closed by a repeated point.</summary>
    public static double Signed(Ellipsoid ellipsoid, ReadOnlySpan<EarthPoint> ring)
    {
        var (sum, parallel) = (0.0, ring[0].Latitude);
        for (var i = 0; i < ring.Length; i++)
            sum -= Edge(ellipsoid, ring[i], ring[i + 1 < ring.Length ? i + 1 : 0], parallel);
        return sum;
    }

    private static double Edge(Ellipsoid ellipsoid, EarthPoint from, EarthPoint to, double south)
    {
        var (east, north) = (to.Longitude - from.Longitude, to.Latitude - from.Latitude);
        var middle = from.Latitude + north / 2;
        var straight = Middle * ellipsoid.AreaBetween(south, middle)
            + Outer * (ellipsoid.AreaBetween(south, middle - s_outerPoint * north) + ellipsoid.AreaBetween(south, middle + s_outerPoint * north));
        var (meridian, slope) = ellipsoid.Meridian(middle);
        var (parallel, sine) = (ellipsoid.Parallel(middle), Math.Sin(middle));
        var bend = (parallel * parallel * sine * east * east + (slope * parallel + 2 * meridian * meridian * sine) * north * north) / 12;
        return east * (straight + bend);
    }
}
