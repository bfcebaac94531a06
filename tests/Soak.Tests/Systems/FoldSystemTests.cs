using System.Text.Json;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Splitting;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.TestKit;

namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>Cross-validation from images to its mean: packed into folds, one submit for all of them, one row.</summary>
[Collection(Lanes.Systems)]
public sealed class FoldSystemTests
{
    [Fact]
    public async Task MatrixOverFolds_TrainsOnEachOfTheOthers_AndCompareGivesTheMean()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 2);
        using var folder = new TemporaryFolder();
        await SyntheticDataset.WriteAsync(folder["scenes"], pairs: 24, seed: 5, size: 64, progress: null, CancellationToken.None);
        var options = new PackOptions { Tool = "tests", Shares = SplitShares.Create(SplitShare.Parse("test=20%"), [], folds: 3, group: null, seed: null) };
        await new DatasetPacker(DatasetLayouts.Find("sysu"), options)
            .PackAsync(folder["scenes"], new FileObjectStore(folder["folds"]), progress: null, CancellationToken.None);
        var config = folder.Write("folds.yaml",
            """
            version: 1
            name: folds
            dataset:
              uri: folds
              train: { crop: 32 }
            train: { batch_size: 4, epochs: 1 }
            resources: { threads: 1 }
            evaluate: { from: best, pictures: 0 }
            matrix: [{ key: dataset.fold, values: [0, 1, 2] }]
            """);

        var table = (await system.CliAsync("submit", config, "--wait")).Succeeded();

        Assert.Contains("| folds | 3 |", table, StringComparison.Ordinal);
        var experiment = Guid.Parse(table[..36]);
        var rows = JsonDocument.Parse((await system.CliAsync("compare", $"{experiment}", "--metrics", "f1,val/f1", "--json")).Succeeded()).RootElement;
        var row = Assert.Single(rows.EnumerateArray());
        Assert.Equal([0, 1, 2], row.GetProperty("folds").EnumerateArray().Select(fold => fold.GetInt32()));
        Assert.Equal(3, row.GetProperty("scores").GetProperty("val/f1").GetProperty("n").GetInt32());

        // The checkpoint on the same test split once more: with the fold's threshold, to the last digit.
        var runs = await system.Runs.ListAsync(new RunFilter(Experiment: experiment), CancellationToken.None);
        Assert.Equal("folds fold 0 evaluation", runs[1].Name);
        var report = await ReportAsync(system, runs[0].Id);
        var again = JsonDocument.Parse((await system.CliAsync(
            "evaluate", "--checkpoint", $"{runs[0].Id}", "--dataset", folder["folds"], "--wait", "--json")).Succeeded()).RootElement;
        var repeated = await ReportAsync(system, again.GetProperty("runs")[0].GetProperty("id").GetGuid());
        foreach (var part in new[] { "scores", "confusion", "threshold", "calibration", "split" })
            Assert.Equal(report.GetProperty(part).ToString(), repeated.GetProperty(part).ToString());
    }

    private static async Task<JsonElement> ReportAsync(SystemUnderTest system, Guid run) =>
        JsonDocument.Parse((await system.CliAsync("report", $"{run}", "--json")).Succeeded()).RootElement;
}
