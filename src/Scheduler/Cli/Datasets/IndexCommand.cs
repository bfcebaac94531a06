using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Indexing;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Datasets;

/// <summary><c>dataset index URI</c>: makes WebDataset tars usable that another program wrote.</summary>
internal static class IndexCommand
{
    public static Command Create(Terminal terminal)
    {
        var (uri, json) = (DatasetArguments.Uri(), DatasetArguments.Json());
        var splits = new Option<string[]>("--split")
        {
            DefaultValueFactory = _ => [],
            Description =
                $"Which tars are a split, again for each: {ShardSplitRule.Syntax}. Without it, what a file's name begins with before its number",
        };
        var fields = new Option<string[]>("--field")
        {
            DefaultValueFactory = _ => [],
            Description =
                "Which field is before, after or mask, again for each: ROLE=FIELD, such as before=a.png; a FIELD without an extension means any. " +
                "Without it, ROLE itself",
        };
        var name = new Option<string?>("--name") { Description = "Name of the data set; the folder's name without it" };
        var masks = new MaskArguments();
        var command = new Command(
            "index", "Indexes WebDataset tars that another program wrote: writes their indexes, checksums and dataset.json beside them")
        {
            uri, splits, fields, name, json,
        };
        masks.AddTo(command);
        command.SetAction(async (parsed, token) =>
        {
            var store = DatasetArguments.Open(parsed.GetRequiredValue(uri));
            var indexer = new DatasetIndexer(new IndexOptions
            {
                Name = parsed.GetValue(name),
                Splits = DatasetArguments.ParseAll(parsed.GetValue(splits)!, ShardSplitRule.Parse),
                Fields = ParseFields(parsed.GetValue(fields)!),
                Masks = masks.Of(parsed),
                Tool = DatasetArguments.Tool,
            });
            var report = await terminal.WithProgressAsync(progress => indexer.IndexAsync(store, new Bytes(progress), token));
            foreach (var warning in report.Warnings)
                terminal.Warn(warning);
            var dataset = await ShardDataset.OpenAsync(store, token);
            var summary = DatasetSummary.Of(dataset);
            if (parsed.GetValue(json))
                terminal.Json(summary);
            else
                summary.Print(terminal);
            await SheetOfDataset.WriteAsync(terminal, dataset, token);
            return ExitCode.Done;
        });
        return command;
    }

    private static FieldNames ParseFields(string[] texts)
    {
        var named = DatasetArguments.ParseAll(
            texts, text => text.Split('=', 2) is [var role, { Length: > 0 } field] && FieldNames.Packed.Pairs.Any(pair => pair.Role == role)
            ? (Role: role, Field: field.ToLowerInvariant())
            : throw new PackRequestException($"--field '{text}' is not of the form ROLE=FIELD with the ROLE before, after or mask, such as before=a.png."));
        if (named.CountBy(entry => entry.Role).FirstOrDefault(count => count.Value > 1).Key is { } twice)
            throw new PackRequestException($"--field {twice} is given twice.");
        string Of(string role) => named.Where(entry => entry.Role == role).Select(entry => entry.Field).FirstOrDefault(role);
        return new(Of(SampleFields.Before), Of(SampleFields.After), Of(SampleFields.Mask));
    }

    /// <summary>An indexing is one phase, whichever tar it is at.</summary>
    private sealed class Bytes(IProgress<WorkDone> progress) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => progress.Report(new("indexing", value.Done, value.Total));
    }
}
