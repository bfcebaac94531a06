using System.CommandLine;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset show URI</c>: the manifest in short; no shard is read.</summary>
internal static class DatasetShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var (uri, json) = (DatasetArguments.Uri(), DatasetArguments.Json());
        var command = new Command("show", "Shows splits, sizes, change fractions and statistics") { uri, json };
        command.SetAction(async (parsed, token) =>
        {
            var dataset = await ShardDataset.OpenAsync(DatasetArguments.Open(parsed.GetRequiredValue(uri)), token);
            var summary = DatasetSummary.Of(dataset);
            if (parsed.GetValue(json))
                terminal.Json(summary);
            else
                summary.Print(terminal);
            return ExitCode.Done;
        });
        return command;
    }
}
