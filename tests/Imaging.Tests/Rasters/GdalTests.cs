using System.Text.Json;
using ChangeDetection.Imaging.Masks;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Polygons;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Rasters;

/// <summary>What is written reads in GDAL as what it was made from.</summary>
[Needs(Resource.Processes)]
public sealed class GdalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Georeference_OfAMapMadeFromAScene_IsTheScenes()
    {
        var (width, height) = (1300, 700);
        var scene = _folder["scene.tif"];
        SceneFiles.Write(scene, new ImageShape(width, height, 3, PixelType.UInt8), (_, row) => row.Fill(9), SceneFiles.Utm33);
        using var reader = RasterFile.Open(scene);
        using (var file = File.Create(_folder["map.tif"]))
        {
            var writer = new GeoTiffWriter(file, width, height, PixelType.Float32, reader.Georeference, "nan");
            var row = new byte[width * 4];
            for (var y = 0; y < height; y++)
                writer.WriteRows(row);
            writer.Finish();
        }

        using var given = await InfoAsync(scene);
        using var made = await InfoAsync(_folder["map.tif"]);

        Assert.Contains("32633", Text(given, "coordinateSystem"), StringComparison.Ordinal);
        foreach (var field in new[] { "geoTransform", "coordinateSystem", "cornerCoordinates", "size" })
            Assert.Equal(Text(given, field), Text(made, field));
        var band = made.RootElement.GetProperty("bands")[0];
        Assert.Equal("Float32", band.GetProperty("type").GetString());
        Assert.Equal("NaN", band.GetProperty("noDataValue").GetString());
        Assert.Equal([256, 256], band.GetProperty("block").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal(
            [650, 350, 325, 175],
            band.GetProperty("overviews").EnumerateArray()
            .SelectMany(one => one.GetProperty("size").EnumerateArray()).Select(side => side.GetInt32()));
        Assert.Equal("DEFLATE", made.RootElement.GetProperty("metadata").GetProperty("IMAGE_STRUCTURE").GetProperty("COMPRESSION").GetString());
    }

    [Fact]
    public async Task ClassMap_HasItsColoursAndNames_AndReadsAsItsValues()
    {
        byte[] row = [0, 1, 2, 255];
        using (var file = File.Create(_folder["map.tif"]))
        {
            var legend = ClassLegend.Of(["nothing", "built & <demolished>", "Grünland"], 3);
            var writer = new GeoTiffWriter(file, 4, 1, PixelType.UInt8, SceneFiles.Utm33, "255", legend);
            writer.WriteRows(row);
            writer.Finish();
        }

        using var info = await InfoAsync(_folder["map.tif"]);

        var band = info.RootElement.GetProperty("bands")[0];
        Assert.Equal("Palette", band.GetProperty("colorInterpretation").GetString());
        var colours = band.GetProperty("colorTable").GetProperty("entries");
        Assert.Equal([0, 0, 0, 255], colours[0].EnumerateArray().Select(value => value.GetInt32()));
        Assert.Equal([213, 94, 0, 255], colours[1].EnumerateArray().Select(value => value.GetInt32()));
        Assert.Equal(
            ["nothing", "built & <demolished>", "Grünland"],
            Enumerable.Range(0, 3).Select(value => band.GetProperty("metadata").GetProperty("").GetProperty($"CLASS_{value}").GetString()));
        var mask = MaskCodec.Decode(await File.ReadAllBytesAsync(_folder["map.tif"], TestContext.Current.CancellationToken), "map.tif");
        Assert.Equal(row, mask.Bytes);
        Assert.Equal((MaskUnit.Index, 255L), (mask.Unit, mask.NoData!.Value));
        Assert.Equal(0x56B4E9, mask.Palette![2]);
    }

    [Theory]
    [InlineData("0.5\n0\n0\n-0.5\n500000.25\n5199999.75\n"), InlineData("2\n0\n0\n3\n1e3\n-7")]
    [InlineData("0.5\r\n0.1\r\n0.2\r\n-0.5\r\n500000.25\r\n5199999.75")]
    public async Task WorldFile_IsReadAsGdalReadsIt(string text)
    {
        var scene = _folder["scene.tif"];
        SceneFiles.Write(scene, new ImageShape(40, 30, 3, PixelType.UInt8), (_, row) => row.Fill(9));
        await File.WriteAllTextAsync(_folder["scene.tfw"], text, TestContext.Current.CancellationToken);

        using var info = await InfoAsync(scene);
        using var reader = RasterFile.Open(scene);

        var theirs = info.RootElement.GetProperty("geoTransform").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        var ours = reader.Georeference!.Transform!.Value;
        Assert.Equal(theirs, (double[])[ours.X, ours.XPerColumn, ours.XPerRow, ours.Y, ours.YPerColumn, ours.YPerRow]);
    }

    [Fact]
    public async Task Polygons_ReadInGdal_WithTheirSystem()
    {
        using (var file = File.Create(_folder["change.geojson"]))
        using (var json = new GeoJsonWriter(file, SceneFiles.Utm33, new AreaMeasure(SceneFiles.Utm33, 3, 2), onEarth: false))
        {
            var tracer = new PolygonTracer(3, polygon => json.Write(polygon, default));
            tracer.Add([0, 1, 1]);
            tracer.Add([1, 0, 0]);
            tracer.Finish();
            json.Finish(tracer.Cuts);
        }

        var told = await RunOrSkipAsync("ogrinfo", "-al", "-so", _folder["change.geojson"]);

        Assert.Contains("Feature Count: 2", told, StringComparison.Ordinal);
        Assert.Contains("Extent: (399960.000000, 5300020.000000) - (399990.000000, 5300040.000000)", told, StringComparison.Ordinal);
        Assert.Contains("32633", told, StringComparison.Ordinal);
    }

    private static async Task<JsonDocument> InfoAsync(string path) => JsonDocument.Parse(await RunOrSkipAsync("gdalinfo", "-json", path));

    private static string Text(JsonDocument info, string field) => info.RootElement.GetProperty(field).GetRawText();

    private static async Task<string> RunOrSkipAsync(string program, params string[] arguments)
    {
        var (done, output) = await Gdal.RunAsync(Gdal.FindOrSkip(program), arguments);
        Assert.True(done);
        return output;
    }
}
