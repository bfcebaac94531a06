using System.Globalization;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;
using CsCheck;

namespace ChangeDetection.Imaging.Tests.Rasters;

public sealed class WorldFileTests : IDisposable
{
    private const string Text = "0.5\n0\n0\n-0.5\n500000.25\n5199999.75\n";

    private static readonly AffineTransform s_place = new(500_000, 0.5, 0, 5_200_000, 0, -0.5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.png", "a.pgw"), InlineData("a.png", "a.PGW"), InlineData("a.png", "a.pngw"), InlineData("a.png", "a.wld"), InlineData("a.PNG", "a.WLD")]
    [InlineData("a.jpg", "a.jgw"), InlineData("a.jpeg", "a.jgw"), InlineData("a.bmp", "a.bpw"), InlineData("a.tif", "a.tfw"), InlineData("a.TIFF", "a.tfw")]
    [InlineData("a.webp", "a.wpw"), InlineData("a", "a.wld")]
    public void Open_AnImageBesideAWorldFile_LiesWhereThatSays(string image, string worldFile)
    {
        Write(image);
        File.WriteAllText(_folder[worldFile], Text);

        using var raster = RasterFile.Open(_folder[image]);

        Assert.Equal(s_place, raster.Georeference!.Transform);
        Assert.False(raster.Georeference.HasCoordinateSystem);
        using var alone = RasterFile.Open(_folder[image], "a", place: null);
        Assert.Null(alone.Georeference);
    }

    [Fact]
    public void Open_ATiffThatSaysWhereItLies_AsksNoWorldFile()
    {
        SceneFiles.Write(_folder["a.tif"], TestImages.Noise(new ImageShape(20, 20, 3, PixelType.UInt8), 1), SceneFiles.Utm33);
        File.WriteAllText(_folder["a.tfw"], "no world file");

        using var raster = RasterFile.Open(_folder["a.tif"]);

        Assert.Equal(SceneFiles.Utm33.Transform, raster.Georeference!.Transform);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Open_ATiffThatNamesASystemAlone_KeepsItAndLiesWhereTheWorldFileSays(int rasterType)
    {
        SceneFiles.Write(
            _folder["a.tif"], TestImages.Noise(new ImageShape(20, 20, 3, PixelType.UInt8), 1),
            new Georeference { Keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, (ushort)rasterType, 3072, 0, 1, 32633] });
        File.WriteAllText(_folder["a.tfw"], Text);

        using var raster = RasterFile.Open(_folder["a.tif"]);

        Assert.Equal(32633, raster.Georeference!.Epsg);
        Assert.Equal(s_place, raster.Georeference.Transform);
    }

    [Fact]
    public void Pair_OfAWorldFileAndAGeoTiff_LiesInTheSystemThatOneNames()
    {
        Write("a.png");
        File.WriteAllText(_folder["a.pgw"], "10\n0\n0\n-10\n399965\n5300035\n");
        SceneFiles.Write(_folder["b.tif"], TestImages.Noise(new ImageShape(20, 20, 3, PixelType.UInt8), 1), SceneFiles.Utm33);
        using var before = RasterFile.Open(_folder["a.png"]);
        using var after = RasterFile.Open(_folder["b.tif"]);

        Assert.Equal(32633, RasterPair.Check(before, after)!.Epsg);

        File.WriteAllText(_folder["a.pgw"], "10\n0\n0\n-10\n399975\n5300035\n");
        using var moved = RasterFile.Open(_folder["a.png"]);
        Assert.Contains("which is 1 pixels", Assert.Throws<RasterPairException>(() => RasterPair.Check(moved, after)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "line 1 is missing (units per column in x)")]
    [InlineData("0.5\n0\n0\n-0.5\n500000.25", "line 6 is missing (y of the first pixel's centre)")]
    [InlineData("0.5\n0\n\n-0.5\n500000.25\n1", "line 3 is missing")]
    [InlineData("0.5\n0\n0\n-0,5\n500000.25\n1", "line 4 (units per row in y) is '-0,5'; it is to be one finite number, with a decimal point")]
    [InlineData("0.5\n0\n0\n-0.5\n1e999\n1", "line 5 (x of the first pixel's centre) is '1e999'")]
    [InlineData("nan\n0\n0\n-0.5\n1\n1", "line 1 (units per column in x) is 'nan'")]
    [InlineData("0.5 0 0 -0.5 1 1", "line 1 (units per column in x) is '0.5 0 0 -0.5 1 1'")]
    [InlineData("0.5\n0\n0\n-0.5\n1\n1\n7", "line 7 is '7'; a world file has 6 lines of one number each")]
    [InlineData("0.5\n0\n0\n0\n1\n1", "lines 1 to 4 give a pixel no area")]
    public void Open_BesideAMalformedWorldFile_IsRefusedByFileLineAndRule(string text, string rule)
    {
        Write("a.png");
        File.WriteAllText(_folder["a.pgw"], text);

        var refused = Assert.Throws<ImageException>(() => RasterFile.Open(_folder["a.png"]));

        Assert.StartsWith($"{_folder["a.pgw"]}: {rule}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void At_AnyTransform_IsWhatTheTagsThenSay() =>
        Gen.Double[-1000, 1000].Array[6].Where(values => Math.Abs(values[1] * values[5] - values[2] * values[4]) > 1).Sample(values =>
        {
            var place = new AffineTransform(values[0], values[1], values[2], values[3], values[4], values[5]);
            foreach (var keys in new ushort[][] { [], [1, 1, 0, 1, 1025, 0, 1, 2] })
            {
                var read = new Georeference { Keys = keys }.At(place).Transform!.Value;
                Assert.True(place.LargestDistance(read, 1000, 1000) < 1e-6, read.ToString());
            }
        }, iter: 500);

    [Fact]
    public void Open_TheSharedExamples_LieWhereGdalSaysTheyDo()
    {
        var folder = Repository.SharedOrSkip("cases/predict-worldfile");
        foreach (var name in (string[])["wld_a.png", "wld_b.png", "tfw_a.tif", "tfw_b.tif"])
        {
            using var raster = RasterFile.Open(Path.Combine(folder, name));
            Assert.Equal(s_place, raster.Georeference!.Transform);
        }
    }

    private void Write(string name)
    {
        var image = TestImages.Photograph(20, 20, 3);
        var kind = Path.GetExtension(name).ToLower(CultureInfo.InvariantCulture);
        File.WriteAllBytes(
            _folder[name],
            kind == ".bmp" ? TestImages.Bmp(image, 24, topDown: false)
                : TestImages.Save(image, kind switch { ".jpeg" => ".jpg", ".tiff" => ".tif", "" => ".png", _ => kind }));
    }
}
