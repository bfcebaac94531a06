using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;
using ChangeDetection.TestKit.Images;

namespace ChangeDetection.Scheduler.Tests.Cli;

[Needs(Resource.Processes)]
public sealed class PredictVerbTests
{
    [Theory]
    [InlineData("--tile", "100", "--tile is 100; it is a multiple of 16")]
    [InlineData("--tile", "8208", "--tile is 8208; it is a multiple of 16 up to 8192")]
    [InlineData("--threshold", "1", "--threshold is 1; it is a probability between 0 and 1")]
    public async Task Predict_OptionThatCannotBe_IsRefusedBeforeAnythingIsLookedFor(string option, string value, string said)
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.OfAsync(
            ["predict", "--checkpoint", "none", "--before", "none.tif", "--after", "none.tif", "--out", folder[
                "change.tif"], option, value, "--data-dir", folder["data"]]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    /// <summary>GDAL calls the fourth band alpha, near-infrared too.</summary>
    [Fact]
    public async Task Predict_AlphaThatMayBeInfrared_AsksBeforeAnythingIsQueued()
    {
        using var folder = new TemporaryFolder();
        var infrared = new TiffImage(20, 20, 4, 8) { Photometric = 2, Extra = [2], Values = [.. Enumerable.Range(0, 1600).Select(at => (ulong)at % 200)] };
        await File.WriteAllBytesAsync(folder["a.tif"], infrared.Write(), TestContext.Current.CancellationToken);
        string[] arguments =
        [
            "predict", "--checkpoint", "none", "--before", folder["a.tif"], "--after", folder["a.tif"], "--out", folder["c.tif"],
            "--data-dir", folder["data"],
        ];

        var asked = await CommandRun.OfAsync(arguments);
        var answered = await CommandRun.OfAsync([.. arguments, "--alpha", "band"]);

        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("a.tif: its alpha band holds other values than 0 and its maximum (3, 7, 11, 15, 19, …)", asked.Errors, StringComparison.Ordinal);
        Assert.Contains("--alpha mask", asked.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("alpha", answered.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_AMalformedWorldFile_IsRefusedByItsNameAndLine()
    {
        using var folder = new TemporaryFolder();
        SceneFiles.Write(folder["a.tif"], new ImageShape(32, 32, 3, PixelType.UInt8), (_, row) => row.Fill(9));
        await File.WriteAllTextAsync(folder["a.tfw"], "0.5\n0\n0\n-0,5\n1\n1\n", TestContext.Current.CancellationToken);

        var run = await CommandRun.OfAsync(
        [
            "predict", "--checkpoint", "none", "--before", folder["a.tif"], "--after", folder["a.tif"], "--out", folder["change.tif"],
            "--data-dir", folder["data"],
        ]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("a.tfw: line 4 (units per row in y) is '-0,5'; it is to be one finite number", run.Errors, StringComparison.Ordinal);
    }
}
