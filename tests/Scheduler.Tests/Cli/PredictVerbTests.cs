using ChangeDetection.TestKit;

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
}
