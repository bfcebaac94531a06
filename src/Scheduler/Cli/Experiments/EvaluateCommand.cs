using System.CommandLine;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Datasets;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>evaluate --checkpoint F_OR_RUN --dataset URI --split S</c>: queues a run that scores any checkpoint on any data set.</summary>
internal static class EvaluateCommand
{
    private const string None = "none";

    public static Command Create(Terminal terminal)
    {
        var checkpoint = new Option<string>("--checkpoint")
        {
            Description = "A run, or a file of weights that says what it is, as 'checkpoint get' writes them (safetensors, .pth).",
            Required = true,
        };
        var dataset = new Option<string>("--dataset")
        {
            Description = "Where the data set is: a folder, or file:///folder, s3://bucket/prefix, …",
            Required = true,
        };
        var split = new Option<string>("--split") { Description = "The split to score.", DefaultValueFactory = _ => "test" };
        var validate = new Option<string?>(
            "--validate")
        {
            Description = "The split to choose a threshold on, or none (default: val, where the data set has one; of a run on a fold, that fold).",
        };
        var last = new Option<bool>("--last") { Description = "Of a run: its newest checkpoint, not its best." };
        var pictures = new Option<int>(
            "--pictures") { Description = "How many samples get a picture.", DefaultValueFactory = _ => new EvaluateConfig().Pictures }
            .Within(0, 1000);
        var rescale = RescaleOption.Create("the data set's");
        var wait = CommonOptions.Wait();
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("evaluate", "Score any checkpoint on any data set.")
        {
            checkpoint, dataset, split, validate, last, pictures, rescale, wait, dataDir, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var rescaling = RescaleOption.Of(parsed.GetValue(rescale));
            var on = await ShardDataset.OpenAsync(DatasetArguments.Open(parsed.GetRequiredValue(dataset)), cancellationToken);
            var name = parsed.GetRequiredValue(split);
            RequireLabelled(on, name, "--split");
            var validation = Validation(on, name, parsed.GetValue(validate));
            var choice = parsed.GetValue(last) ? CheckpointChoice.Last : CheckpointChoice.Best;

            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "evaluate", cancellationToken);
            var submission = new Submission(terminal, system, parsed.GetValue(wait), parsed.GetValue(json));
            submission.RequireUp();
            var chosen = await CheckpointArgument.ResolveAsync(system, parsed.GetRequiredValue(checkpoint), choice, cancellationToken);
            RequireChannels(chosen.Config, on);
            var fold = FoldOf(chosen.Config, on);
            if (fold is { } own && parsed.GetValue(validate) is null && name != FoldNames.Of(own))
                validation = FoldNames.Of(own);
            var wish = new EvaluationRequest(on.Store.Root, on.Manifest.Name, name, validation, choice, parsed.GetValue(pictures), rescaling)
            {
                Fold = fold is { } number && (validation is null || validation == FoldNames.Of(number)) ? fold : null,
            };
            var config = EvaluationPlanner.Config(chosen.Config, wish);
            DatasetCompatibility.CheckClasses(config, on);
            var read = config.Dataset.Fields is { } fields ? on.WithFields(fields) : on;
            CheckPixels(terminal, await chosen.ReadManifestAsync(system, cancellationToken), read, rescaling);
            var run = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
            var mapped = rescaling is null ? "" : $" --rescale {rescaling}";
            var source = $"# changedetection evaluate --checkpoint {parsed.GetRequiredValue(checkpoint)} --dataset {on.Store.Root} --split {name}{mapped}";
            await using var uploads = new RunUploads(system, run);
            var brought = await chosen.BringAsync(uploads, cancellationToken);
            return await submission.QueueAsync(
                EvaluationPlanner.Plan(run, config, chosen.Run, brought, source, TimeProvider.System.GetUtcNow()),
                [DatasetSummary.Record(config.Dataset.Uri, on)], cancellationToken);
        });
        return command;
    }

    /// <summary>The fold that a network was validated on, where it is scored on the data set that it was trained on; else null.</summary>
    private static int? FoldOf(ExperimentConfig trained, ShardDataset dataset) =>
        trained.Dataset.Fold is { } fold && EvaluationPlanner.IsSamePlace(trained.Dataset.Uri, dataset.Store.Root)
        && FoldNames.Among(dataset.Manifest.Splits.Keys) is { Count: > 1 } folds && folds.Contains(fold)
            ? fold
            : null;

    /// <summary>The data set's own <c>val</c> unless something else is asked for; never the split that is scored.</summary>
    private static string? Validation(ShardDataset dataset, string split, string? wanted)
    {
        const string Usual = "val";
        switch (wanted)
        {
            case None:
                return null;
            case null:
                return split != Usual && dataset.Manifest.Splits.TryGetValue(Usual, out var found) && !found.Unlabelled ? Usual : null;
            case var same when same == split:
                throw new CommandException(
                    $"--validate names '{split}', the split that is scored: a threshold chosen on it would be chosen with the answers at hand. " +
                    "Name another, or none.");
            default:
                RequireLabelled(dataset, wanted, "--validate");
                return wanted;
        }
    }

    private static void RequireLabelled(ShardDataset dataset, string split, string option)
    {
        if (DatasetCompatibility.FindSplit(dataset, split, option).Unlabelled)
            throw new CommandException($"{option}: the split '{split}' of {dataset.Store.Root} has no masks, so there is nothing to score against.");
    }

    /// <summary>Refuses another type of pixels than that of the training, and warns where their values lie far off.</summary>
    private static void CheckPixels(Terminal terminal, CheckpointManifest trained, ShardDataset dataset, ValueRescaling? rescaling)
    {
        var subject = dataset.Subject;
        var seen = PixelCompatibility.Check(trained, PixelCompatibility.Of(dataset), subject, rescaling);
        if (PixelCompatibility.Warning(trained, seen, subject) is { } warning)
            terminal.Warn(warning);
    }

    private static void RequireChannels(ExperimentConfig trained, ShardDataset dataset)
    {
        if (trained.Model.Channels != dataset.Manifest.Channels)
            throw new CommandException(
                $"The checkpoint's network ({trained.Model.Name}) takes {trained.Model.Channels} channels per date, and the data set " +
                    $"'{dataset.Manifest.Name}' at {dataset.Store.Root} has {dataset.Manifest.Channels}. Evaluate it on data of the bands it was " +
                    "trained on.");
    }
}
