using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Packing;

/// <summary>The real benchmark, with the figures that its papers give.</summary>
public sealed class AirChangePackTests
{
    [Fact]
    public async Task Pack_SzadaByThePapersSplit_HasThePapersChangeFractions()
    {
        var source = Repository.SharedOrSkip("data/airchange-szada");
        using var folder = new TemporaryFolder();
        var report = await PackAsync(source, folder, "train=Szada/2-6", "val=Szada/7", "test=Szada/1@0,0,784,448");
        var splits = report.Manifest.Splits;
        Assert.Equal((5, 1, 1), (splits["train"].Samples, splits["val"].Samples, splits["test"].Samples));
        Assert.Equal(20494 / 351232.0, splits["test"].ChangeFraction);
        Assert.Equal(0.03778, splits["val"].ChangeFraction, 5e-6);
        Assert.Equal((0.05777 + 0.01968 + 0.09042 + 0.03094 + 0.01956) / 5, splits["train"].ChangeFraction, 5e-6);
        Assert.Empty(report.Unmatched);
        // One pixel of one mask is 213.
        Assert.Equal(
            "masks hold greys between black and white: 213 (1 pixels in 1 file, the first Szada/6/gt.BMP); > 127 is change, by the layout",
            Assert.Single(report.Warnings));
    }

    [Fact]
    public async Task Pack_OnePlaceAsTheSource_NamesPairsByNumberAndReportsThoseLeftOver()
    {
        var source = Repository.SharedOrSkip("data/airchange-szada/Szada");
        using var folder = new TemporaryFolder();
        var report = await PackAsync(source, folder, "train=2", "test=1@0,0,784,448", "test=1@784,448,168,192");
        Assert.Equal(["3", "4", "5", "6", "7"], report.Unmatched);
        Assert.Equal(2, report.Manifest.Splits["test"].Samples);
        Assert.Empty(report.Warnings);
    }

    private static Task<PackReport> PackAsync(string source, TemporaryFolder folder, params string[] splits) =>
        new DatasetPacker(DatasetLayouts.Find("airchange"), new() { Tool = "tests", Splits = [.. splits.Select(SplitRule.Parse)] })
            .PackAsync(source, new FileObjectStore(folder["packed"]), null, CancellationToken.None);
}
