using ChangeDetection.Imaging.Geodesy;
using ChangeDetection.Imaging.Polygons;
using ChangeDetection.Imaging.Rasters;
using CsCheck;

namespace ChangeDetection.Imaging.Tests.Geodesy;

/// <summary>Polygons of any mask on a map that lies across the antimeridian, or beyond it.</summary>
public sealed class AntimeridianCutTests
{
    private const int Width = 12, Height = 9;
    private const double Pixel = 0.001;

    private static readonly Gen<byte[]> s_masks = Gen.Int[0, 3].Select(value => (byte)(value < 3 ? 1 : 0)).Array[Width * Height];

    [Theory]
    [InlineData(179.9945), InlineData(179.994), InlineData(-180.0055), InlineData(539.9947), InlineData(-3)]
    public void Parts_OfAnyMask_LieWithinAHalfTurn_AndCoverWhatThePolygonsDid(double west) => s_masks.Sample(mask =>
    {
        var measure = new AreaMeasure(Degrees(west, 20, Pixel), Width, Height);
        foreach (var polygon in Trace(mask))
        {
            var parts = measure.OnEarth(polygon).ToList();
            foreach (var part in parts)
            {
                Assert.All(part.SelectMany(ring => ring), point => Assert.InRange(point.Longitude, -Math.PI - 1e-11, Math.PI + 1e-11));
                Assert.True(Square(part[0]) > 0);
                Assert.All(part.Skip(1), hole => Assert.True(Square(hole) < 0));
                // Nothing of a part reaches around the earth.
                Assert.True(part[0].Max(point => point.Longitude) - part[0].Min(point => point.Longitude) < 0.001);
            }
            Assert.Equal(polygon.Pixels, parts.Sum(part => part.Sum(Square)) / (Pixel * Pixel), 1e-6);
        }
    }, iter: 400);

    [Fact]
    public void Parts_OfAMapOfTheWholeEarth_FromZeroOn_AreItsTwoHalves()
    {
        var measure = new AreaMeasure(Degrees(0, 90, 10), 36, 18);
        var tracer = new List<TracedPolygon>();
        var rows = new PolygonTracer(36, tracer.Add);
        for (var y = 0; y < 18; y++)
            rows.Add([.. Enumerable.Repeat((byte)1, 36)]);
        rows.Finish();

        var parts = measure.OnEarth(Assert.Single(tracer)).ToList();

        Assert.Equal(2, parts.Count);
        // The surface of WGS 84, 510 065 621 724 088 m² (Moritz 1980 has 510 065 622 km²).
        Assert.Equal(510065621724088, parts.Sum(part => part.Sum(Area)), 1e9);
    }

    /// <summary>In square degrees, from the first point on.</summary>
    private static double Square(EarthPoint[] ring) => ring.Zip(ring.Skip(1), (one, next) =>
        (one.Longitude - ring[0].Longitude) * (next.Latitude - ring[0].Latitude)
            - (next.Longitude - ring[0].Longitude) * (one.Latitude - ring[0].Latitude)).Sum() / 2 * double.RadiansToDegrees(1) * double.RadiansToDegrees(1);

    private static double Area(EarthPoint[] ring) => EllipsoidalArea.Signed(Ellipsoid.Wgs84, ring);

    private static Georeference Degrees(double west, double north, double pixel) => new()
    {
        PixelScale = [pixel, pixel, 0],
        Tiepoints = [0, 0, 0, west, north, 0],
        Keys = [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326],
    };

    private static List<TracedPolygon> Trace(byte[] mask)
    {
        var polygons = new List<TracedPolygon>();
        var tracer = new PolygonTracer(Width, polygons.Add);
        foreach (var row in mask.Chunk(Width))
            tracer.Add(row);
        tracer.Finish();
        return polygons;
    }
}
