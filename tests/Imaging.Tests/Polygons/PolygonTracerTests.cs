using System.Text.Json;
using ChangeDetection.Imaging.Polygons;
using CsCheck;

namespace ChangeDetection.Imaging.Tests.Polygons;

public sealed class PolygonTracerTests
{
    [Fact]
    public void Trace_AnyMask_CoversExactlyItsPixels() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 4])
            .SelectMany(
                shape => Gen.Int[0, 3].Select(value => (byte)(value < shape.Item3 ? 1 : 0)).Array[
                shape.Item1 * shape.Item2].Select(mask => (shape.Item1, shape.Item2, mask)))
            .Sample(image => Assert.Equal(image.mask, Fill(Trace(image.Item1, image.mask), image.Item1, image.Item2)), iter: 3000);

    [Fact]
    public void Trace_WithHardlyAnyMemory_CutsPolygonsAndLosesNoPixel() =>
        Gen.Int[0, 3].Select(value => (byte)(value < 3 ? 1 : 0)).Array[11 * 9].Sample(
            mask => Assert.Equal(mask, Fill(Trace(11, mask, maxVertices: 8), 11, 9)), iter: 500);

    [Fact]
    public void Trace_Ring_IsOnePolygonWithAHole()
    {
        var polygon = Assert.Single(Trace(4, [1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0]));

        Assert.Equal(4, polygon.Outline.Length);
        Assert.Equal(4, Assert.Single(polygon.Holes).Length);
        Assert.Equal(8, polygon.Pixels);
    }

    [Fact]
    public void Trace_PixelsThatTouchAtACorner_AreTwoPolygons() => Assert.Equal(2, Trace(2, [1, 0, 0, 1]).Count);

    [Fact]
    public void GeoJson_OfPolygons_IsOnTheMap_AndTurnsTheRightWay()
    {
        using var stream = new MemoryStream();
        var measure = new AreaMeasure(TestKit.SceneFiles.Utm33, 4, 3);
        using (var writer = new GeoJsonWriter(stream, TestKit.SceneFiles.Utm33, measure, onEarth: false))
        {
            foreach (var polygon in Trace(4, [1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0]))
                writer.Write(polygon, measure.Of(polygon));
            writer.Finish([]);
        }
        using var json = JsonDocument.Parse(stream.ToArray());

        Assert.Equal("urn:ogc:def:crs:EPSG::32633", json.RootElement.GetProperty("crs").GetProperty("properties").GetProperty("name").GetString());
        var feature = Assert.Single(json.RootElement.GetProperty("features").EnumerateArray());
        // 100 km west of the central meridian, where the map is 0.028 % smaller than the earth.
        Assert.InRange(feature.GetProperty("properties").GetProperty("area_m2").GetDouble(), 800.4, 800.5);
        Assert.Equal("geodesic", feature.GetProperty("properties").GetProperty("area").GetString());
        var rings = feature.GetProperty("geometry").GetProperty("coordinates").EnumerateArray()
            .Select(ring => ring.EnumerateArray().Select(at => (X: at[0].GetDouble(), Y: at[1].GetDouble())).ToList()).ToList();
        Assert.Equal((399960, 5300040), rings[0].MaxBy(at => at.Y - at.X));
        Assert.All(rings, ring => Assert.Equal(ring[0], ring[^1]));
        Assert.Equal(900, Area(rings[0]));
        Assert.Equal(-100, Area(rings[1]));
    }

    private static double Area(List<(double X, double Y)> ring) =>
        ring.Zip(ring.Skip(1), (one, next) => (one.X - 399960) * (next.Y - 5300040) - (next.X - 399960) * (one.Y - 5300040)).Sum() / 2;

    private static List<TracedPolygon> Trace(int width, byte[] mask, int maxVertices = int.MaxValue)
    {
        var polygons = new List<TracedPolygon>();
        var tracer = new PolygonTracer(width, polygons.Add, maxVertices);
        foreach (var row in mask.Chunk(width))
            tracer.Add(row);
        tracer.Finish();
        return polygons;
    }

    /// <summary>By the even-odd rule at pixels' centres; a pixel that two polygons cover counts twice.</summary>
    private static byte[] Fill(List<TracedPolygon> polygons, int width, int height)
    {
        var mask = new byte[width * height];
        foreach (var polygon in polygons)
        {
            var area = 0L;
            for (var at = 0; at < mask.Length; at++)
            {
                var isInside = polygon.Holes.Prepend(polygon.Outline).Sum(ring => Crossings(ring, at % width, at / width)) % 2 == 1;
                mask[at] += isInside ? (byte)1 : (byte)0;
                area += isInside ? 1 : 0;
            }
            Assert.Equal(polygon.Pixels, area);
        }
        return mask;
    }

    /// <summary>Upright borders to the right of a pixel's centre.</summary>
    private static int Crossings(Vertex[] ring, int x, int y) => Enumerable.Range(0, ring.Length).Count(i =>
    {
        var (one, next) = (ring[i], ring[(i + 1) % ring.Length]);
        return one.X == next.X && one.X > x && Math.Min(one.Y, next.Y) <= y && y < Math.Max(one.Y, next.Y);
    });
}
