namespace ChangeDetection.Imaging.Geodesy;

/// <summary>
/// Transverse Mercator by Krüger's series to the sixth order in the third flattening: within 3900 km of the central meridian right to some nanometres
/// (C. F. F. Karney, Transverse Mercator with an accuracy of a few nanometers, Journal of Geodesy 85, 2011: equations 7 to 11, 14, 19 to 21, 35, 36).
/// </summary>
internal sealed class TransverseMercator : EarthMapping
{
    /// <summary>How far from the central meridian, in the series' own measure, where a quarter of a meridian is π/2: 3900 km.</summary>
    private const double Widest = 0.61;

    /// <summary>Beyond the pole the map goes on, and longitudes turn round: the last degree before it is left to others.</summary>
    private const double Highest = Math.PI / 2 * 89 / 90;

    private readonly TransverseMercatorParameters _parameters;
    private readonly double[] _inverse;
    private readonly double _radius;
    private readonly double _origin;
    private readonly double _eccentricity;

    public TransverseMercator(Ellipsoid ellipsoid, TransverseMercatorParameters parameters) : base(ellipsoid)
    {
        _parameters = parameters;
        _eccentricity = Math.Sqrt(ellipsoid.EccentricitySquared);
        var n = ellipsoid.ThirdFlattening;
        var square = n * n;
        _radius = parameters.Scale * ellipsoid.SemiMajorAxis / (1 + n) * (1 + square / 4 + square * square / 64 + square * square * square / 256);
        _inverse = Series(n,
            [1.0 / 2, -2.0 / 3, 37.0 / 96, -1.0 / 360, -81.0 / 512, 96199.0 / 604800],
            [1.0 / 48, 1.0 / 15, -437.0 / 1440, 46.0 / 105, -1118711.0 / 3870720],
            [17.0 / 480, -37.0 / 840, -209.0 / 4480, 5569.0 / 90720],
            [4397.0 / 161280, -11.0 / 504, -830251.0 / 7257600],
            [4583.0 / 161280, -108847.0 / 3991680],
            [20648693.0 / 638668800]);
        double[] forward = Series(n,
            [1.0 / 2, -2.0 / 3, 5.0 / 16, 41.0 / 180, -127.0 / 288, 7891.0 / 37800],
            [13.0 / 48, -3.0 / 5, 557.0 / 1440, 281.0 / 630, -1983433.0 / 1935360],
            [61.0 / 240, -103.0 / 140, 15061.0 / 26880, 167603.0 / 181440],
            [49561.0 / 161280, -179.0 / 168, 6601661.0 / 7257600],
            [34729.0 / 80640, -3418889.0 / 1995840],
            [212378941.0 / 319334400]);
        var conformal = Math.Atan(Conformal(Math.Tan(parameters.OriginLatitude)));
        _origin = conformal;
        for (var j = 1; j <= forward.Length; j++)
            _origin += forward[j - 1] * Math.Sin(2 * j * conformal);
    }

    public override EarthPoint At(double x, double y)
    {
        var (north, east) = Scaled(x, y);
        var (xi, eta) = (north, east);
        for (var j = 1; j <= _inverse.Length; j++)
        {
            var (sine, cosine) = Math.SinCos(2 * j * north);
            xi -= _inverse[j - 1] * sine * Math.Cosh(2 * j * east);
            eta -= _inverse[j - 1] * cosine * Math.Sinh(2 * j * east);
        }
        var (sinXi, cosXi) = Math.SinCos(xi);
        var sinhEta = Math.Sinh(eta);
        return new(_parameters.CentralMeridian + Math.Atan2(sinhEta, cosXi), Math.Atan(Geodetic(sinXi / Math.Sqrt(sinhEta * sinhEta + cosXi * cosXi))));
    }

    public override bool Holds(double x, double y)
    {
        var (north, east) = Scaled(x, y);
        return Math.Abs(north) <= Highest && Math.Abs(east) <= Widest;
    }

    private (double North, double East) Scaled(double x, double y) =>
        ((y * _parameters.Unit - _parameters.FalseNorthing) / _radius + _origin, (x * _parameters.Unit - _parameters.FalseEasting) / _radius);

    /// <summary>The tangent of the conformal latitude.</summary>
    /// <param name="tangent">Of the geodetic one.</param>
    private double Conformal(double tangent)
    {
        var root = Math.Sqrt(1 + tangent * tangent);
        var sigma = Math.Sinh(_eccentricity * Math.Atanh(_eccentricity * tangent / root));
        return tangent * Math.Sqrt(1 + sigma * sigma) - sigma * root;
    }

    /// <summary>The other way round, by Newton's method.</summary>
    private double Geodetic(double conformal)
    {
        const int Enough = 5;
        var (tangent, rest) = (conformal, 1 - Ellipsoid.EccentricitySquared);
        for (var step = 0; step < Enough; step++)
        {
            var now = Conformal(tangent);
            var by = (conformal - now) / Math.Sqrt(1 + now * now) * (1 + rest * tangent * tangent) / (rest * Math.Sqrt(1 + tangent * tangent));
            tangent += by;
            if (Math.Abs(by) <= 1e-16 * Math.Max(1, Math.Abs(tangent)))
                break;
        }
        return tangent;
    }

    /// <summary>Row j has the coefficients of n to the j, j + 1, ….</summary>
    private static double[] Series(double n, params double[][] rows)
    {
        var sums = new double[rows.Length];
        for (var j = 0; j < rows.Length; j++)
        {
            for (var power = 0; power < rows[j].Length; power++)
                sums[j] += rows[j][power] * Math.Pow(n, j + 1 + power);
        }
        return sums;
    }
}

/// <summary>What a transverse Mercator projection is defined by.</summary>
/// <param name="CentralMeridian">In radians, east of Greenwich.</param>
/// <param name="OriginLatitude">In radians: where the false northing is.</param>
/// <param name="Scale">On the central meridian.</param>
/// <param name="FalseEasting">In metres.</param>
/// <param name="FalseNorthing">Likewise.</param>
/// <param name="Unit">Of the map's coordinates, in metres.</param>
internal sealed record TransverseMercatorParameters(
    double CentralMeridian, double OriginLatitude, double Scale, double FalseEasting, double FalseNorthing, double Unit = 1)
{
    private const double ZoneWidth = 6, FirstMeridian = -183, UtmScale = 0.9996, UtmEasting = 500_000, SouthernNorthing = 10_000_000;

    /// <summary>UTM (Snyder 1987, page 57).</summary>
    /// <param name="zone">1 to 60.</param>
    public static TransverseMercatorParameters Utm(int zone, bool isSouth) =>
        new(double.DegreesToRadians(FirstMeridian + ZoneWidth * zone), 0, UtmScale, UtmEasting, isSouth ? SouthernNorthing : 0);
}
