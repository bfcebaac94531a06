namespace ChangeDetection.Imaging.Geodesy;

/// <summary>An ellipsoid of revolution. Latitudes are geodetic, in radians; lengths in metres.</summary>
/// <param name="SemiMajorAxis">The equator's radius.</param>
/// <param name="InverseFlattening">a / (a - b).</param>
public sealed record Ellipsoid(double SemiMajorAxis, double InverseFlattening)
{
    /// <summary>In radians: six kilometres, where the rule of three points is right to the last digit.</summary>
    private const double Close = 1e-3;

    private static readonly double s_outerPoint = Math.Sqrt(0.6) / 2;

    /// <summary>EPSG:7030.</summary>
    public static Ellipsoid Wgs84 { get; } = new(6378137, 298.257223563);

    /// <summary>EPSG:7019; its pole is a tenth of a millimetre from that of WGS 84.</summary>
    public static Ellipsoid Grs80 { get; } = new(6378137, 298.257222101);

    public double Flattening => 1 / InverseFlattening;

    /// <summary>The third flattening, (a - b) / (a + b).</summary>
    public double ThirdFlattening => Flattening / (2 - Flattening);

    public double EccentricitySquared => Flattening * (2 - Flattening);

    /// <summary>
    /// The radius of curvature along a meridian, and its derivative by latitude (Snyder, Map Projections: A Working Manual, 1987, equation 4-18).
    /// </summary>
    public (double Radius, double Slope) Meridian(double latitude)
    {
        var (sine, cosine) = Math.SinCos(latitude);
        var rest = 1 - EccentricitySquared * sine * sine;
        var radius = SemiMajorAxis * (1 - EccentricitySquared) / (rest * Math.Sqrt(rest));
        return (radius, 3 * EccentricitySquared * sine * cosine * radius / rest);
    }

    /// <summary>The radius of the parallel, in metres.</summary>
    public double Parallel(double latitude)
    {
        var (sine, cosine) = Math.SinCos(latitude);
        return SemiMajorAxis * cosine / Math.Sqrt(1 - EccentricitySquared * sine * sine);
    }

    /// <summary>
    /// The area between two parallels, in square metres for each radian of longitude; below 0 where the second lies south of the first. Where they are close
    /// together it is added up between them (by Gauss and Legendre's rule), for of the difference of two areas down to the equator few digits would be left.
    /// </summary>
    public double AreaBetween(double from, double to)
    {
        var high = to - from;
        if (Math.Abs(high) > Close)
            return AreaBelow(to) - AreaBelow(from);
        var (middle, off) = (from + high / 2, high * s_outerPoint);
        return high * (8 * Density(middle) + 5 * (Density(middle - off) + Density(middle + off))) / 18;
    }

    /// <summary>Square metres of a square radian.</summary>
    private double Density(double latitude)
    {
        var (sine, cosine) = Math.SinCos(latitude);
        var rest = 1 - EccentricitySquared * sine * sine;
        return SemiMajorAxis * SemiMajorAxis * (1 - EccentricitySquared) * cosine / (rest * rest);
    }

    /// <summary>The area between the equator and a parallel (Snyder 1987, equation 3-12 times a²/2).</summary>
    private double AreaBelow(double latitude)
    {
        var sine = Math.Sin(latitude);
        var eccentricity = Math.Sqrt(EccentricitySquared);
        var square = SemiMajorAxis * SemiMajorAxis * (1 - EccentricitySquared);
        return square / 2 * (sine / (1 - EccentricitySquared * sine * sine) + Math.Atanh(eccentricity * sine) / eccentricity);
    }
}
