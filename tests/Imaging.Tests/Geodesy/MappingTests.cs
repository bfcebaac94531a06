using System.Globalization;
using ChangeDetection.Imaging.Geodesy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Imaging.Tests.Rasters;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Geodesy;

/// <summary>Longitudes and latitudes against those of PROJ, of files that GDAL wrote; and which systems are left to both.</summary>
[Needs(Resource.Processes)]
public sealed class MappingTests : IDisposable
{
    private const int Width = 40, Height = 30;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("EPSG:4326", 12.5, 48.3, 0.01)]
    [InlineData("EPSG:4258", 12.5, 48.3, 0.01)]
    [InlineData("EPSG:32633", 399960, 5300040, 10)]
    [InlineData("EPSG:32660", 700000, 20000, 500)]
    [InlineData("EPSG:32701", 300000, 4100000, 1000)]
    [InlineData("EPSG:25832", 691000, 5335000, 0.2)]
    [InlineData("EPSG:3857", 1400000, 6100000, 30)]
    [InlineData("+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +datum=WGS84 +units=m", 430000, 190000, 25)]
    [InlineData("+proj=tmerc +lat_0=-37 +lon_0=145 +k=0.99992 +x_0=500000 +y_0=10000000 +ellps=GRS80 +units=m", 320000, 9800000, 100)]
    [InlineData("+proj=tmerc +lat_0=30 +lon_0=-90 +k=0.9999 +x_0=200000 +y_0=0 +datum=WGS84 +units=us-ft", 700000, 100000, 100)]
    [InlineData("+proj=tmerc +lat_0=0 +lon_0=10 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m", -2000000, 7500000, 50000)]
    public async Task Mapping_OfAFileThatGdalWrote_IsProjs(string system, double west, double north, double pixel)
    {
        var place = await PlacedAsync(system, west, north, pixel);
        var mapping = EarthMapping.Of(place, Width, Height);

        Assert.NotNull(mapping);
        var corners = new[] { (0, 0), (Width, 0), (0, Height), (Width, Height), (7, 11) }
            .Select(at => place.Transform!.Value.Apply(at.Item1, at.Item2)).ToList();
        var theirs = await ProjAsync(system, corners);
        foreach (var ((x, y), (longitude, latitude)) in corners.Zip(theirs))
        {
            var ours = mapping.At(x, y);
            // A nanodegree is a tenth of a millimetre.
            Assert.Equal(longitude, Math.IEEERemainder(double.RadiansToDegrees(ours.Longitude), 360), 1e-9);
            Assert.Equal(latitude, double.RadiansToDegrees(ours.Latitude), 1e-9);
        }
    }

    [Theory]
    [InlineData("EPSG:27700"), InlineData("EPSG:3035"), InlineData("EPSG:2154"), InlineData("EPSG:31468"), InlineData("EPSG:4269"), InlineData("EPSG:26917")]
    [InlineData("EPSG:4314"), InlineData("EPSG:3395"), InlineData("EPSG:3031")]
    [InlineData("+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=3500000 +y_0=0 +ellps=bessel +units=m")]
    [InlineData("+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=3500000 +y_0=0 +ellps=GRS80 +towgs84=1,2,3 +units=m")]
    [InlineData("+proj=longlat +ellps=WGS84 +pm=paris")]
    [InlineData("+proj=laea +lat_0=50 +lon_0=10 +datum=WGS84 +units=m")]
    public async Task Mapping_OfOtherSystems_IsLeftToGdal(string system)
    {
        var place = await PlacedAsync(system, 1, 2, 0.001);

        Assert.Null(EarthMapping.Of(place, Width, Height));
    }

    [Fact]
    public async Task Mapping_FartherThanTheSeriesReaches_OrAtAPole_IsLeftToGdal()
    {
        var far = await PlacedAsync("+proj=tmerc +lat_0=0 +lon_0=10 +k=1 +x_0=0 +y_0=0 +ellps=GRS80 +units=m", 3_900_000, 100, 10);
        var pole = await PlacedAsync("EPSG:32633", 500_000, 9_995_000, 10);

        Assert.Null(EarthMapping.Of(far, Width, Height));
        Assert.Null(EarthMapping.Of(pole, Width, Height));
    }

    private async Task<Georeference> PlacedAsync(string system, double west, double north, double pixel)
    {
        SceneFiles.Write(_folder["plain.tif"], new ImageShape(Width, Height, 3, PixelType.UInt8), (_, row) => row.Fill(9));
        var (done, output) = await Gdal.RunAsync(
            Gdal.FindOrSkip("gdal_translate"), "-q", "-a_srs", system, "-a_ullr", Text(west), Text(north), Text(west + Width * pixel),
            Text(north - Height * pixel), _folder["plain.tif"], _folder["placed.tif"]);
        Assert.True(done, output);
        using var reader = RasterFile.Open(_folder["placed.tif"]);
        return reader.Georeference!;
    }

    private static async Task<List<(double Longitude, double Latitude)>> ProjAsync(string system, List<(double X, double Y)> points)
    {
        var program = Gdal.FindOrSkip("gdaltransform");
        var (done, output) = await Gdal.RunAsync(
            "sh", "-c", $"printf '%s\\n' \"$1\" | \"$2\" -s_srs \"$3\" -t_srs \"$4\" -output_xy", "sh",
            string.Join('\n', points.Select(point => $"{Text(point.X)} {Text(point.Y)}")), program, system, Target(system));
        Assert.True(done, output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .Select(words => (double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture)))];
    }

    /// <summary>Degrees on the system's own datum.</summary>
    private static string Target(string system) =>
        system.Contains("GRS80", StringComparison.Ordinal) || system is "EPSG:25832" or "EPSG:4258" ? "+proj=longlat +ellps=GRS80 +no_defs"
        : "+proj=longlat +datum=WGS84 +no_defs";

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
