using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.TestKit;

namespace ChangeDetection.Imaging.Tests.Rasters;

public sealed class RasterPairTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_EqualGrids_GivesTheirGeoreference()
    {
        Assert.Equal(32633, Check(SceneFiles.Utm33, SceneFiles.Utm33)!.Epsg);
        Assert.Equal(32633, Check(null, SceneFiles.Utm33)!.Epsg);
        Assert.Null(Check(null, null));
    }

    [Fact]
    public void Check_TheSameGridByMatrixAndByTiepoint_IsEqual()
    {
        var matrix = SceneFiles.Utm33 with { PixelScale = [], Tiepoints = [], Transformation = [10, 0, 0, 399960, 0, -10, 0, 5300040, 0, 0, 0, 0, 0, 0, 0, 1] };
        Assert.NotNull(Check(SceneFiles.Utm33, matrix));
        // The same grid, told of pixels' centres.
        var centres = SceneFiles.Utm33 with { Tiepoints = [0, 0, 0, 399965, 5300035, 0], Keys = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 2, 3072, 0, 1, 32633] };
        Assert.NotNull(Check(SceneFiles.Utm33, centres));
    }

    [Fact]
    public void Check_OtherSize_SaysByHowMuch() =>
        Assert.Contains("3 columns and 2 rows apart", Refused(null, null, new ImageShape(37, 30, 1, PixelType.UInt8)), StringComparison.Ordinal);

    [Fact]
    public void Check_OtherPlace_SaysHowFarApart()
    {
        var moved = SceneFiles.Utm33 with { Tiepoints = [0, 0, 0, 399990, 5300080, 0] };
        Assert.Contains("50 map units apart, which is 5 pixels", Refused(SceneFiles.Utm33, moved), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OtherCoordinateSystem_NamesBoth()
    {
        var zone = SceneFiles.Utm33 with { Keys = [1, 1, 0, 1, 3072, 0, 1, 32634] };
        var told = Refused(SceneFiles.Utm33, zone);
        Assert.Contains("EPSG:32633", told, StringComparison.Ordinal);
        Assert.Contains("EPSG:32634", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OtherBands_IsRefused() =>
        Assert.Contains("has 1 bands", Refused(null, null, new ImageShape(40, 32, 3, PixelType.UInt8)), StringComparison.Ordinal);

    [Fact]
    public void Check_OtherType_NamesFilesTypesAndRemedy()
    {
        var told = Refused(null, null, new ImageShape(40, 32, 1, PixelType.UInt16));
        Assert.StartsWith("before.tif holds values of the type uint8, after.tif of uint16: ", told, StringComparison.Ordinal);
        Assert.Contains("gdal_translate -ot Byte -scale MIN MAX 0 255", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SeveralThingsWrong_TellsAllAtOnce() =>
        Assert.Equal(3, Refused(SceneFiles.Utm33, SceneFiles.Utm33, new ImageShape(37, 30, 3, PixelType.Float32)).Split('\n').Length);

    [Theory, InlineData("mix168", "uint16", "uint8"), InlineData("mix816", "uint8", "uint16")]
    public void Check_PairsThatWentWrong_AreRefused(string name, string one, string two)
    {
        var folder = Repository.SharedOrSkip("cases/predict-mixed-types");
        using var before = RasterFile.Open(Path.Combine(folder, $"{name}_a.tif"), "a.tif");
        using var after = RasterFile.Open(Path.Combine(folder, $"{name}_b.tif"), "b.tif");

        var told = Assert.Throws<RasterPairException>(() => RasterPair.Check(before, after)).Message;

        Assert.StartsWith($"a.tif holds values of the type {one}, b.tif of {two}", told, StringComparison.Ordinal);
    }

    private string Refused(Georeference? before, Georeference? after, ImageShape? other = null) =>
        Assert.Throws<RasterPairException>(() => Check(before, after, other)).Message;

    private Georeference? Check(Georeference? before, Georeference? after, ImageShape? other = null)
    {
        using var one = Scene("before.tif", new ImageShape(40, 32, 1, PixelType.UInt8), before);
        using var two = Scene("after.tif", other ?? one.Shape, after);
        return RasterPair.Check(one, two);
    }

    private IRasterReader Scene(string name, ImageShape shape, Georeference? georeference)
    {
        SceneFiles.Write(_folder[name], new PixelImage(shape, new byte[shape.Bytes]), georeference);
        return RasterFile.Open(_folder[name], name);
    }
}
