using System.CommandLine;
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
        var format = new Option<WeightsFormat>("--format")
        {
            Description = "safetensors; pth, for PyTorch; torchscript or onnx, which compute without any code of ours.",
            DefaultValueFactory = _ => WeightsFormat.Safetensors,
        };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("get", "Fetch a checkpoint's weights, verified on the way.") { id, best, last, step, output, format, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if ((parsed.GetValue(best) ? 1 : 0) + (parsed.GetValue(last) ? 1 : 0) + (parsed.GetValue(step) is null ? 0 : 1) > 1)
                throw new CommandException("--best, --last and --step exclude each other. Name one.");
            var run = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            var path = OutputPath.Require("--out", parsed.GetRequiredValue(output));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "checkpoint get", cancellationToken);
            await CheckpointCommand.RequireRunAsync(system, run, cancellationToken);
            var checkpoints = new CheckpointStore(system.Database);
            var chosen = parsed.GetValue(step) is { } number
                ? (await checkpoints.ListAsync(run, cancellationToken)).FirstOrDefault(checkpoint => checkpoint.Step == number)
                : await checkpoints.FindAsync(run, parsed.GetValue(last) ? CheckpointChoice.Last : CheckpointChoice.Best, cancellationToken);
            if (chosen is null)
                throw new CommandException($"Run {run} has no such checkpoint. 'changedetection checkpoint list {run}' shows what it has.", ExitCode.Failed);
            var store = ObjectStores.Open(system.Store);
            var wanted = parsed.GetValue(format);
            await WeightsDownload.SaveAsync(store, chosen, path, await WeightsConversion.ToAsync(wanted, store, chosen, cancellationToken), cancellationToken);
            // The hash is that of the stored weights; a file of another format has its own.
            terminal.Result($"{path}  step {chosen.Step}  {(wanted is WeightsFormat.Safetensors ? "" : "from weights of ")}sha256 {chosen.WeightsSha256}");
            return ExitCode.Done;
        });
        return command;
    }
}
