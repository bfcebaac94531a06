using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>init URI</c>: writes a config for a packed data set, and beside it the schema that editors complete it by. Neither replaces a file.</summary>
internal static class InitCommand
{
    private const string SchemaFile = "changedetection.schema.json";

    public static Command Create(Terminal terminal)
    {
        var uri = DatasetArguments.Uri();
        var file = new Option<string?>("--out")
        {
            Description = "The config, FILE.yaml; the data set's name in the working folder without it. Never overwritten.",
        };
        var command = new Command("init", "Write an experiment config for a packed data set, ready to be edited.") { uri, file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var dataset = await ShardDataset.OpenAsync(DatasetArguments.Open(parsed.GetRequiredValue(uri)), cancellationToken);
            var draft = await DraftAsync(dataset, cancellationToken);
            var path = OutputPath.Require("--out", parsed.GetValue(file) ?? $"{SampleKey.FromPath(dataset.Manifest.Name)}.yaml");
            RefuseTaken(path);
            await WriteAsync(path, draft.Text(Path.GetFileName(path), SchemaFile), cancellationToken);
            var schema = Path.Combine(Path.GetDirectoryName(path)!, SchemaFile);
            if (!File.Exists(schema))
                await File.WriteAllTextAsync(schema, ExperimentSchema.Json + "\n", cancellationToken);
            else if ((await File.ReadAllTextAsync(schema, cancellationToken)).TrimEnd() != ExperimentSchema.Json)
                terminal.Warn($"{schema} is there already, and is not the schema of this version: changedetection schema prints that.");
            terminal.Result(path);
            terminal.Say($"Check it with 'changedetection validate {path}', queue it with 'changedetection submit {path}'.");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<ConfigDraft> DraftAsync(ShardDataset dataset, CancellationToken cancellationToken)
    {
        var splits = dataset.Manifest.Splits;
        if (ConfigDraft.TrainingSplit(dataset.Manifest) is not { } training)
            throw new CommandException(
                $"No split of {dataset.Store.Root} can be trained on: it has {string.Join(", ", splits.Keys.Order(StringComparer.Ordinal))}, and none with " +
                    "masks in which a pixel has changed. Pack the data set again.");
        var (sizes, ofAll) = await ImageSizes.OfAsync(dataset, splits[training], cancellationToken);
        var draft = new ConfigDraft(dataset, training, sizes, ofAll);
        return draft.Crop is 0
            ? throw new CommandException(
                $"The images of the split '{training}' of {dataset.Store.Root} are {sizes}, too small for the least crop of 16 pixels. Pack larger ones, or " +
                    "tiles of one size (dataset pack --tile).")
            : draft;
    }

    private static void RefuseTaken(string path)
    {
        if (!path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
            throw new CommandException($"--out: '{path}' is no YAML by its name. Name it FILE.yaml.");
        if (File.Exists(path))
            throw new CommandException($"--out: '{path}' is there already, and is not overwritten. Name another file, or remove it first.");
    }

    /// <summary>Written beside, checked as <c>submit</c> would, and renamed: what has the name is whole and valid.</summary>
    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var part = $"{path}.{Guid.NewGuid():n}.part";
        try
        {
            await File.WriteAllTextAsync(part, text, cancellationToken);
            await DatasetCheck.RequireAsync(ExperimentConfigReader.ReadFileWithPlaces(part), "", cancellationToken);
            File.Move(part, path, overwrite: false);
        }
        finally
        {
            File.Delete(part);
        }
    }
}
