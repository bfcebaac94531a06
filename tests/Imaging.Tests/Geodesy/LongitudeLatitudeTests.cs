using System.Globalization;
using System.Text.Json;
using ChangeDetection.Imaging.Geodesy;
using ChangeDetection.Imaging.Polygons;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Imaging.Tests.Rasters;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Geodesy;

/// <summary>Polygons in longitude and latitude against what GDAL makes of those in the scene's coordinates.</summary>
[Needs(Resource.Processes)]
public sealed class LongitudeLatitudeTests : IDisposable
{
    private const int Width = 60, Height = 50;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(32633, 399960, 5300040, 10), InlineData(32755, 650000, 6000000, 30), InlineData(3857, 1400000, 6100000, 30)]
    [InlineData(4326, 12.5, 48.3, 0.001)]
    public async Task Polygons_HaveTheCornersAndAreasOfGdal(int code, double west, double north, double pixel)
    {
        var place = Place(code, west, north, pixel);
        Write("own.geojson", place, onEarth: false);
        Write("earth.geojson", place, onEarth: true);
        await OgrAsync("-f", "GeoJSON", "-lco", "RFC7946=YES", "-lco", "COORDINATE_PRECISION=12", _folder["theirs.geojson"], _folder["own.geojson"]);
        var areas = await AreasAsync("earth");

        var (ours, theirs) = (Features("earth.geojson"), Features("theirs.geojson"));
        Assert.True(ours.Count > 10);
        Assert.Equal(ours.Count, theirs.Count);
        for (var number = 0; number < ours.Count; number++)
        {
            Assert.Equal("geodesic", ours[number].Properties.GetProperty("area").GetString());
            foreach (var (one, other) in ours[number].Rings.Zip(theirs[number].Rings))
            {
                Assert.Equal(one.Count > 0, other.Count > 0);
                Assert.All(other, corner => Assert.Contains(one, point => Math.Abs(point.X - corner.X) < 2e-9 && Math.Abs(point.Y - corner.Y) < 2e-9));
            }
            Assert.True(Planar(ours[number].Rings[0]) > 0);
            Assert.All(ours[number].Rings.Skip(1), hole => Assert.True(Planar(hole) < 0));
            if (areas is not null)
                Assert.Equal(1, areas[number] / ours[number].Properties.GetProperty("area_m2").GetDouble(), 1e-6);
        }
        using var document = JsonDocument.Parse(File.ReadAllText(_folder["earth.geojson"]));
        Assert.False(document.RootElement.TryGetProperty("crs", out _) || document.RootElement.TryGetProperty("coordinates", out _));
    }

    [Fact]
    public async Task Polygons_AcrossTheAntimeridian_AreCutAsGdalCutsThem()
    {
        // The eastern edge of zone 60 is at 180 degrees, 166 km from its central meridian at 60 degrees north.
        Write("own.geojson", Place(32660, 667_000, 6_657_000, 10), onEarth: false);
        Write("earth.geojson", Place(32660, 667_000, 6_657_000, 10), onEarth: true);
        await OgrAsync("-f", "GeoJSON", "-lco", "RFC7946=YES", "-lco", "COORDINATE_PRECISION=12", _folder["theirs.geojson"], _folder["own.geojson"]);

        var (ours, theirs) = (Features("earth.geojson"), Features("theirs.geojson"));
        Assert.Contains(ours, feature => feature.Type == "MultiPolygon");
        foreach (var (one, other) in ours.Zip(theirs))
        {
            Assert.Equal(other.Type, one.Type);
            Assert.All(one.Rings.SelectMany(ring => ring), point => Assert.InRange(point.X, -180, 180));
            // Along its sides theirs has no points.
            Assert.Equal(1, one.Rings.Sum(Planar) / other.Rings.Sum(Planar), 1e-5);
        }
    }

    [Theory, InlineData(27700, 430000, 190000, 25), InlineData(3035, 4400000, 2800000, 20)]
    public async Task CommandOfGdal_ForOtherSystems_DoesIt(int code, double west, double north, double pixel)
    {
        var place = Place(code, west, north, pixel);
        Write("own.geojson", place, onEarth: false);
        Gdal.FindOrSkip("ogr2ogr");
        var command = GdalCommand.ToLongitudeAndLatitude(place, _folder["own.geojson"], _folder["scene.tif"]);

        var (done, output) = await Gdal.RunAsync("sh", "-c", command);

        Assert.True(done, output);
        var (own, turned) = (Features("own.geojson"), Features("own-wgs84.geojson"));
        Assert.Equal(own.Count, turned.Count);
        Assert.All(turned.SelectMany(feature => feature.Rings[0]), point => Assert.InRange(point.Y, 40, 60));
        Assert.All(own, feature => Assert.Equal("planar", feature.Properties.GetProperty("area").GetString()));
        Assert.Equal(own.Sum(feature => Planar(feature.Rings[0])), own.Sum(feature => Area(feature)), 1e-3 * pixel * pixel);

        static double Area(Feature feature) =>
            feature.Properties.GetProperty("area_m2").GetDouble() - feature.Rings.Skip(1).Sum(Planar);
    }

    private void Write(string name, Georeference place, bool onEarth)
    {
        using var file = File.Create(_folder[name]);
        var measure = new AreaMeasure(place, Width, Height);
        using var json = new GeoJsonWriter(file, place, measure, onEarth);
        var tracer = new PolygonTracer(Width, polygon => json.Write(polygon, measure.Of(polygon)));
        var random = new Random(5);
        for (var y = 0; y < Height; y++)
            tracer.Add([.. Enumerable.Range(0, Width).Select(_ => random.Next(10) < 6 ? (byte)1 : (byte)0)]);
        tracer.Finish();
        json.Finish(tracer.Cuts);
    }

    private static Georeference Place(int code, double west, double north, double pixel) => new()
    {
        PixelScale = [pixel, pixel, 0],
        Tiepoints = [0, 0, 0, west, north, 0],
        Keys = code == 4326
            ? [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326]
            : [1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, (ushort)code, 3076, 0, 1, 9001],
    };

    private static async Task OgrAsync(params string[] arguments)
    {
        var (done, output) = await Gdal.RunAsync(Gdal.FindOrSkip("ogr2ogr"), arguments);
        Assert.True(done, output);
    }

    /// <summary>Areas on the ellipsoid as SpatiaLite measures them; null where GDAL is built without it.</summary>
    private async Task<List<double>?> AreasAsync(string name)
    {
        var (done, output) = await Gdal.RunAsync(
            Gdal.FindOrSkip("ogrinfo"), "-q", "-dialect", "sqlite", "-sql", $"select id, ST_Area(geometry, 1) as a from {name}", _folder[$"{name}.geojson"]);
        return !done || output.Contains("no such function", StringComparison.Ordinal) ? null
            : [.. output.Split('\n').Select(line => line.Split(" a (Real) = ")).Where(parts => parts.Length == 2)
                .Select(parts => double.Parse(parts[1], CultureInfo.InvariantCulture))];
    }

    private List<Feature> Features(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(_folder[name]));
        return [.. json.RootElement.GetProperty("features").EnumerateArray().Select(feature => Feature.Of(feature.Clone()))];
    }

    /// <summary>By the shoelace formula, from the first corner on.</summary>
    private static double Planar(List<(double X, double Y)> ring) => ring.Zip(ring.Skip(1), (one, next) =>
        (one.X - ring[0].X) * (next.Y - ring[0].Y) - (next.X - ring[0].X) * (one.Y - ring[0].Y)).Sum() / 2;

    /// <param name="Rings">Of all its polygons, the outlines before their holes.</param>
    private sealed record Feature(string Type, JsonElement Properties, List<List<(double X, double Y)>> Rings)
    {
        public static Feature Of(JsonElement feature)
        {
            var geometry = feature.GetProperty("geometry");
            var type = geometry.GetProperty("type").GetString()!;
            var coordinates = geometry.GetProperty("coordinates");
            var rings = type == "MultiPolygon" ? coordinates.EnumerateArray().SelectMany(part => part.EnumerateArray()) : coordinates.EnumerateArray();
            return new(type, feature.GetProperty("properties"), [.. rings.Select(
                ring => ring.EnumerateArray().Select(at => (at[0].GetDouble(), at[1].GetDouble())).ToList())]);
        }
    }
}
