using System.CommandLine;
using System.Text.Json;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset list</c>: what runs of a system were submitted with, and whether it was found sound since.</summary>
internal static class DatasetListCommand
{
    public static Command Create(Terminal terminal)
    {
        var (dataDir, json) = (CommonOptions.DataDir(), CommonOptions.Json());
        var command = new Command("list", "Lists the data sets that runs were submitted with, with their hashes and last verification") { dataDir, json };
        command.SetAction(async (parsed, token) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "dataset list", token);
            var recorded = await new DatasetStore(system.Database).ListAsync(token);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(recorded.Select(Document)));
            else
                Print(terminal, recorded);
            return ExitCode.Done;
        });
        return command;
    }

    private static object Document(RecordedDataset dataset) => new
    {
        dataset.Name,
        dataset.Uri,
        dataset.ManifestSha256,
        dataset.Runs,
        dataset.RecordedAt,
        dataset.SubmittedAt,
        dataset.VerifiedAt,
        Verification = Parse(dataset.Verification),
        Summary = Parse(dataset.Summary),
    };

    private static void Print(Terminal terminal, IReadOnlyList<RecordedDataset> recorded)
    {
        var table = new TextTable(
            new("Name"), new("SHA-256", Rank: 1), new("Runs", Rank: 2, IsNumber: true), new("Submitted", Rank: 3), new("Verified", Rank: 4),
            new("Address", Rank: 5, Least: 20));
        foreach (var dataset in recorded)
            table.Add(
                dataset.Name, dataset.ManifestSha256[..12], $"{dataset.Runs}", Tables.Time(dataset.SubmittedAt),
                dataset.VerifiedAt is { } at ? $"{Tables.Time(at)} {Verdict(dataset)}" : "never", dataset.Uri);
        terminal.Write(table);
    }

    private static string Verdict(RecordedDataset dataset) => Parse(dataset.Verification)?.GetProperty("sound").GetBoolean() is true ? "sound" : "damaged";

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}
