using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>What <c>predict</c> refuses of many pairs, and of polygons, before anything is looked for.</summary>
[Needs(Resource.Processes)]
public sealed class PredictBatchVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Predict_WhatNamesNoPairsOrTwoKinds_IsRefused()
    {
        Write("places/test/A/1.tif", 0);
        await RefusedAsync(["--out", "x"], "--before is missing", "SOURCE --layout");
        await RefusedAsync([_folder["places"], "--out", "x"], "--layout is missing");
        await RefusedAsync(
            ["--layout", "sysu", "--out", "x", "--probability", _folder["places"]], "SOURCE is missing", "was taken for the value of --probability");
        await RefusedAsync([_folder["places"], "--layout", "sysu", "--dataset", "s", "--split", "test", "--out", "x"], "more than one is named");
        await RefusedAsync([_folder["places"], "--layout", "sysu", "--before", "a.tif", "--out", "x"], "more than one is named");
        await RefusedAsync(["--dataset", _folder["places"], "--out", "x"], "--split is missing");
        await RefusedAsync([_folder["places"], "--layout", "nowhere", "--out", "x"], "There is no layout 'nowhere'");
    }

    [Fact]
    public async Task Predict_PairsThatDoNotFit_AreNamedTogether()
    {
        for (var number = 0; number < 3; number++)
        {
            Write($"places/test/A/{number}.tif", number);
            Write($"places/test/B/{number}.tif", number, width: number == 1 ? 32 : 40);
            Write($"places/test/label/{number}.tif", number);
        }
        Write("places/test/A/9.tif", 9);
        string[] batch = [_folder["places"], "--layout", "ab-label", "--out", _folder["maps"]];

        await RefusedAsync(batch, "test/9: the after image is missing", "Nothing was queued.");
        File.Delete(_folder["places/test/A/9.tif"]);
        File.Delete(_folder["places/test/label/2.tif"]);
        await RefusedAsync(batch, "test/0: ", "0.tif is 32x32 pixels", "test/2: ", "8 columns and 0 rows apart");
        await RefusedAsync([.. batch, "--split", "val"], "puts no pair", "it has test");
        Directory.CreateDirectory(_folder["maps/old"]);
        await RefusedAsync(batch, "holds something already");
        await RefusedAsync([.. batch, "--overlay", "a.png"], "--overlay: of many pairs the files go below --out");
    }

    [Fact]
    public async Task Predict_WhatCannotBeSaidOfPolygons_IsRefusedWithTheCommandThatDoesIt()
    {
        Write("uk.tif", 1, place: Place(27700));
        Write("utm.tif", 1, place: SceneFiles.Utm33);
        Write("plain.tif", 1);
        File.WriteAllText(_folder["plain.tfw"], "0.5\n0\n0\n-0.5\n0\n0\n");

        await RefusedAsync(
            Scene("uk.tif", "--polygons", _folder["p.geojson"], "--wgs84"), "uk.tif is in EPSG:27700",
            "ogr2ogr -f GeoJSON -lco RFC7946=YES -s_srs EPSG:27700 -t_srs EPSG:4326", "p-wgs84.geojson");
        await RefusedAsync(Scene("plain.tif", "--polygons", _folder["p.geojson"], "--wgs84"), "not in which coordinate system", "gdal_translate -a_srs");
        await RefusedAsync(
            Scene("plain.tif", "--polygons", _folder["p.geojson"], "--min-area", "40"), "does not say how many metres a pixel has", "--min-area 40px");
        await RefusedAsync(Scene("utm.tif", "--wgs84"), "--wgs84 is about polygons", "Add --polygons");
        await RefusedAsync(Scene("utm.tif", "--polygons", _folder["p.geojson"], "--min-area", "big"), "--min-area is 'big'; it is a number above 0");
        await RefusedAsync(Scene("utm.tif", "--probability"), "--probability: name the file to write");
        // What is left is that there is no system.
        await RefusedAsync(Scene("utm.tif", "--polygons", _folder["p.geojson"], "--wgs84", "--min-area", "40"), "No system has lived in");
        await RefusedAsync(Scene("uk.tif", "--polygons", _folder["p.geojson"], "--min-area", "40"), "No system has lived in");
    }

    private string[] Scene(string name, params string[] more) => ["--before", _folder[name], "--after", _folder[name], "--out", _folder["c.tif"], .. more];

    private static Georeference Place(ushort code) => new()
    {
        PixelScale = [10, 10, 0],
        Tiepoints = [0, 0, 0, 430000, 190000, 0],
        Keys = [1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, code, 3076, 0, 1, 9001],
    };

    private async Task RefusedAsync(string[] arguments, params string[] said)
    {
        var run = await CommandRun.OfAsync(["predict", "--checkpoint", "none", .. arguments, "--data-dir", _folder["data"]]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.All(said, part => Assert.Contains(part, run.Errors, StringComparison.Ordinal));
    }

    private void Write(string name, int seed, int width = 32, Georeference? place = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        var random = new Random(seed);
        SceneFiles.Write(_folder[name], new ImageShape(width, 32, 3, PixelType.UInt8), (_, row) => random.NextBytes(row), place);
    }
}
