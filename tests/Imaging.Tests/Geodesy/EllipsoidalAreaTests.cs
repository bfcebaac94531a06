using System.Globalization;
using ChangeDetection.Imaging.Geodesy;
using CsCheck;

namespace ChangeDetection.Imaging.Tests.Geodesy;

public sealed class EllipsoidalAreaTests
{
    /// <summary>Areas that GeographicLib's PolygonArea gives (version 2.2.0 of its JavaScript, which has the same algorithm).</summary>
    [Theory]
    [InlineData(7892061583.206543, "10 50 11 50 11 51 10 51")]
    [InlineData(31060681.36930847, "10 60 10.1 60 10.1 60.05 10 60.05")]
    [InlineData(5558198449.77243, "-70 -35 -69.2 -34.5 -69.5 -34.1 -70.3 -34.3")]
    [InlineData(2177270.673095703, "0 89 0.2 89 0.2 89.1"), InlineData(59799608.7237854, "0 85 0.25 85 0.25 85.2 0 85.25")]
    [InlineData(6154755698.438679, "179.5 0 180.5 0 180.2 1")]
    public void Area_OfGeodesics_IsThatOfKarneysAlgorithm(double area, string degrees)
    {
        var ring = degrees.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).Chunk(2).Select(at => Point(at[0], at[1])).ToArray();

        Assert.Equal(1, EllipsoidalArea.Signed(Ellipsoid.Wgs84, ring) / area, 1e-6);
        Array.Reverse(ring);
        Assert.Equal(-1, EllipsoidalArea.Signed(Ellipsoid.Wgs84, ring) / area, 1e-6);
    }

    /// <summary>What is lost where areas are counted from the equator on.</summary>
    [Fact]
    public void Area_OfAPixelOfACentimetre_KeepsItsDigits() =>
        Gen.Select(Gen.Double[-85, 85], Gen.Double[-180, 180]).Sample(at =>
        {
            var (south, west) = (double.DegreesToRadians(at.Item1), double.DegreesToRadians(at.Item2));
            var (high, wide) = (0.01 / Ellipsoid.Wgs84.Meridian(south).Radius, 0.01 / Ellipsoid.Wgs84.Parallel(south));
            EarthPoint[] ring = [new(west, south), new(west + wide, south), new(west + wide, south + high), new(west, south + high)];
            // As the numbers of radians have it: they are rounded to some nanometres.
            var (rounded, up) = (ring[1].Longitude - west, ring[2].Latitude - south);
            var expected = rounded * Ellipsoid.Wgs84.Parallel(south) * up * Ellipsoid.Wgs84.Meridian(south).Radius;
            Assert.Equal(1, EllipsoidalArea.Signed(Ellipsoid.Wgs84, ring) / expected, 1e-6);
        }, iter: 1000);

    private static EarthPoint Point(double longitude, double latitude) => new(double.DegreesToRadians(longitude), double.DegreesToRadians(latitude));
}
