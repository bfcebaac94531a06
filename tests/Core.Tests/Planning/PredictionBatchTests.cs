using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Planning;

namespace ChangeDetection.Core.Tests.Planning;

public sealed class PredictionBatchTests
{
    private static readonly PredictionRequest s_pair = new()
    {
        Checkpoint = new CheckpointReference("runs/a", "b", 1, 2), Before = File("/a.tif"), After = File("/b.tif"),
    };

    private static readonly PredictionRequest s_batch = s_pair with
    {
        Before = null, After = null, Batch = new() { Name = "many", Pairs = [Pair("x/1"), Pair("x/2")], Overlay = true }, MinArea = "40px", Wgs84 = true,
    };

    [Fact]
    public void Request_OfABatch_IsReadAsItWasWritten()
    {
        var read = PredictionRequest.FromJson(s_batch.ToJson());

        Assert.Equal(["x/1", "x/2"], read.Batch!.Pairs!.Select(pair => pair.Name));
        Assert.Equal((null, null, "40px", true, true, 2), (read.Before, read.After, read.MinArea, read.Wgs84, read.Batch.Overlay, read.Batch.Count));
        Assert.DoesNotContain("\"before\":null", s_batch.ToJson(), StringComparison.Ordinal);
        var set = new DatasetSplitInput { Uri = new("file:///set/"), ManifestSha256 = "c", Split = "test", Samples = 7 };
        read = PredictionRequest.FromJson((s_batch with { Batch = new() { Name = "set test", Dataset = set } }).ToJson());
        Assert.Equal((set, 7), (read.Batch!.Dataset, read.Batch.Count));
    }

    [Fact]
    public void Request_OfOnePair_IsWrittenAsBefore() => Assert.All(
        ["batch", "wgs84", "min_area"], key => Assert.DoesNotContain(key, s_pair.ToJson(), StringComparison.Ordinal));

    [Fact]
    public void Request_ThatBreaksARule_SaysWhich()
    {
        Refused(s_pair with { Before = null }, "either before and after, or a batch");
        Refused(s_batch with { After = File("/b.tif") }, "either before and after, or a batch");
        Refused(s_pair with { MinArea = "40 px" }, "min_area is '40 px'");
        Refused(s_batch with { Batch = new() { Name = "none" } }, "either of a data set or of pairs of files");
        Refused(s_batch with { Batch = new() { Name = "none", Pairs = [] } }, "a batch has 0 pairs");
        Refused(s_batch with { Batch = new() { Name = "twice", Pairs = [Pair("x"), Pair("x")] } }, "two pairs are called 'x'");
        Refused(s_batch with { Batch = new() { Name = "out", Pairs = [Pair("../x")] } }, "leaves its folder");
        Refused(s_batch with { Batch = new() { Name = "far", Pairs = [Pair("x") with { After = File("b.tif") }] } }, "'b.tif' is not an absolute path");
    }

    [Theory]
    [InlineData("change/a.tif", true), InlineData("polygons/a/b.geojson", true), InlineData("change/a.b.tif", true)]
    [InlineData("change/.tif", false), InlineData("change/../a.tif", false), InlineData("/change/a.tif", false), InlineData("summary.csv", false)]
    [InlineData("overlay/a.tif", false), InlineData("change//a.tif", false), InlineData("change/a\n.tif", false)]
    public void Path_OfAnArchive_IsOneOfABatch_OrRefused(string path, bool isOne) => Assert.Equal(isOne, BatchFiles.IsPath(path));

    [Theory]
    [InlineData("250", 250, false, "250"), InlineData("0.5", 0.5, false, "0.5"), InlineData("40px", 40, true, "40px"), InlineData("1e3", 1000, false, "1000")]
    public void MinimumArea_IsReadAndWritten(string text, double value, bool pixels, string written)
    {
        Assert.Equal(new MinimumArea(value, pixels), MinimumArea.TryParse(text));
        Assert.Equal(written, MinimumArea.TryParse(text).ToString());
    }

    [Theory, InlineData(""), InlineData("px"), InlineData("0"), InlineData("-3"), InlineData("3 px"), InlineData("3m2"), InlineData("NaN"), InlineData("1e999")]
    public void MinimumArea_OfAnotherForm_IsNone(string text) => Assert.Null(MinimumArea.TryParse(text));

    [Fact]
    public void MinimumArea_KeepsWhatIsAsLarge()
    {
        Assert.True(new MinimumArea(4, true).Keeps(4, 1));
        Assert.False(new MinimumArea(4, true).Keeps(3, 400));
        Assert.True(new MinimumArea(4, false).Keeps(1, 4));
        Assert.False(new MinimumArea(4, false).Keeps(9, 3.9));
    }

    private static void Refused(PredictionRequest request, string said) => Assert.Contains(
        said, Assert.Throws<PredictionRequestException>(() => PredictionRequest.FromJson(request.ToJson())).Message, StringComparison.Ordinal);

    private static PairInput Pair(string name) => new() { Name = name, Before = File("/a.tif"), After = File("/b.tif") };

    private static SceneInput File(string path) => new() { Name = Path.GetFileName(path), File = path, Bytes = 1, Sha256 = "c" };
}
