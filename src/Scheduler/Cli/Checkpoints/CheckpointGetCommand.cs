using System.CommandLine;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary><c>checkpoint get RUN --out F</c>: a checkpoint's weights as a file of the wished format.</summary>
internal static class CheckpointGetCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = CommonOptions.Id("a run");
        var best = new Option<bool>("--best") { Description = "The best by the configured metric (the default)." };
        var last = new Option<bool>("--last") { Description = "The newest." };
        var step = new Option<long?>("--step") { Description = "The one at this step." };
        var output = new Option<string>("--out") { Description = "File to write.", Required = true };
        var format = new Option<WeightsFormat?>("--format")
        {
            Description =
                "safetensors; pth, for PyTorch; torchscript or onnx, which compute without any code of ours. Without it, what the file's ending says: " +
                $"{WeightsFormats.Endings}.",
        };
        var force = new Option<bool>("--force") { Description = "Replace a file of that name." };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("get", "Fetch a checkpoint's weights, verified on the way, as a file that says what they are.")
        {
            id, best, last, step, output, format, force, dataDir,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if ((parsed.GetValue(best) ? 1 : 0) + (parsed.GetValue(last) ? 1 : 0) + (parsed.GetValue(step) is null ? 0 : 1) > 1)
                throw new CommandException("--best, --last and --step exclude each other. Name one.");
            var run = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            var path = OutputPath.Require("--out", parsed.GetRequiredValue(output));
            var wanted = parsed.GetValue(format) ?? WeightsFormats.OfEnding(path);
            if (File.Exists(path) && !parsed.GetValue(force))
                throw new CommandException($"--out: '{path}' exists already, and was left as it is. Name another file, or say --force to replace it.");
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "checkpoint get", cancellationToken);
            await CheckpointCommand.RequireRunAsync(system, run, cancellationToken);
            var checkpoints = new CheckpointStore(system.Database);
            var chosen = parsed.GetValue(step) is { } number
                ? (await checkpoints.ListAsync(run, cancellationToken)).FirstOrDefault(checkpoint => checkpoint.Step == number)
                : await checkpoints.FindAsync(run, parsed.GetValue(last) ? CheckpointChoice.Last : CheckpointChoice.Best, cancellationToken);
            if (chosen is null)
                throw new CommandException($"Run {run} has no such checkpoint. 'changedetection checkpoint list {run}' shows what it has.", ExitCode.Failed);
            var store = ObjectStores.Open(system.Store);
            var (manifest, _) = await WeightsDownload.Of(store, chosen).ReadManifestAsync(cancellationToken);
            var meaning = WeightsMeaning.Of(manifest, await new RunStore(system.Database).ExperimentConfigAsync(run, cancellationToken));
            var convert = WeightsConversion.To(wanted, meaning, $"{chosen.Prefix}/{CheckpointManifest.WeightsFile}");
            var sha256 = await WeightsDownload.SaveAsync(store, chosen, path, convert, cancellationToken);
            terminal.Result($"{path}  step {chosen.Step}  sha256 {sha256}  weights sha256 {chosen.WeightsSha256}");
            return ExitCode.Done;
        });
        return command;
    }
}
