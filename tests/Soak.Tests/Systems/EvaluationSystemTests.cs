using System.Text.Json;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;

namespace ChangeDetection.Soak.Tests.Systems;

/// <summary>The shipped table of three networks, on generated scenes: one submit, its table, and any checkpoint evaluated again.</summary>
[Collection(Lanes.Systems)]
public sealed class EvaluationSystemTests
{
    [Fact]
    public async Task AirchangeTable_OnGeneratedScenes_TrainsEvaluatesAndPrintsThePapersTableBesideOurs()
    {
        await using var system = await SystemUnderTest.StartAsync(workers: 2);
        var example = Path.Combine(Repository.Root, "deploy", "examples", "airchange-table.yaml");
        var folder = Path.GetDirectoryName(system.DataDir)!;
        var dataset = Path.Combine(folder, "dataset");

        var table = (await system.CliAsync(
            "submit", example, "--wait", "--set", $"dataset.uri={dataset}", "--set", "seeds=1", "--set", "train={epochs: 1, batch_size: 4}",
            "--set", "dataset.train={split: train, crop: 32, samples_per_epoch: 8}", "--set", "resources.threads=1", "--set", "evaluate.pictures=2"))
                .Succeeded();

        var experiment = Guid.Parse(table[..36]);
        foreach (var row in new[] { "| szada fc-ef | 1 |", "| fc-ef, published: Daudt et al. 2018 | – | 43.57 | 62.65 | 93.08 | 51.40 | – | – |",
            "| szada fc-siam-conc | 1 |", "| szada fc-siam-diff | 1 |", "52.66", " ± –" })
            Assert.Contains(row, table, StringComparison.Ordinal);
        Assert.Equal(table[36..].Trim(), (await system.CliAsync("compare", $"{experiment}")).Succeeded().Trim());

        var runs = await system.Runs.ListAsync(new RunFilter(Experiment: experiment), CancellationToken.None);
        var (trained, evaluated) = (runs[0], runs[1]);
        var report = await ReportAsync(system, trained.Id);
        Assert.Equal(evaluated.Id, report.GetProperty("run").GetGuid());

        // The checkpoint as a file, on the same data: the same scores to the last digit, by another run.
        var weights = Path.Combine(folder, "weights.safetensors");
        (await system.CliAsync("checkpoint", "get", $"{trained.Id}", "--out", weights)).Succeeded();
        var again = (await system.CliAsync("evaluate", "--checkpoint", weights, "--dataset", dataset, "--split", "test", "--wait", "--json")).Succeeded();
        var run = JsonDocument.Parse(again).RootElement.GetProperty("runs")[0];
        Assert.Equal("succeeded", run.GetProperty("state").GetString());
        var repeated = await ReportAsync(system, run.GetProperty("id").GetGuid());
        foreach (var part in new[] { "scores", "confusion", "average_precision", "threshold", "calibration", "weights", "split" })
            Assert.Equal(report.GetProperty(part).ToString(), repeated.GetProperty(part).ToString());

        var page = Path.Combine(folder, "report.html");
        (await system.CliAsync("report", $"{run.GetProperty("id").GetGuid()}", "--out", page)).Succeeded();
        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(page, CancellationToken.None), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ReportAsync(SystemUnderTest system, Guid run) =>
        JsonDocument.Parse((await system.CliAsync("report", $"{run}", "--json")).Succeeded()).RootElement;
}
