using System.CommandLine;
using System.Text.Json;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary><c>checkpoint list|get|import|verify|gc</c>.</summary>
internal static class CheckpointCommand
{
    public static Command Create(Terminal terminal) => new("checkpoint", "Checkpoints of a run, and files fetched from one.")
    {
        List(terminal), CheckpointGetCommand.Create(terminal), CheckpointImportCommand.Create(terminal),
        Verify(terminal), CheckpointGcCommand.Create(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var id = CommonOptions.Id("a run");
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("list", "List a run's checkpoints, newest first.") { id, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "checkpoint list", cancellationToken);
            await RequireRunAsync(system, run, cancellationToken);
            var checkpoints = await new CheckpointStore(system.Database).ListAsync(run, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(checkpoints.Select(View)));
            else
                Print(terminal, checkpoints);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Verify(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A file of weights: safetensors, or PyTorch's (.pth)." };
        var command = new Command("verify", "Check a checkpoint file: format, finite values, and the hash in the manifest beside it.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path))
                throw new CommandException($"There is no file '{path}'. Name one of safetensors or PyTorch; 'changedetection checkpoint get' fetches one.");
            var found = await CheckpointFile.VerifyAsync(path, cancellationToken);
            terminal.Result($"{path}: intact, {found.Tensors} tensors, {found.Values} values, {found.Bytes} bytes, sha256 {found.Sha256}{Told(found)}");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>What the file says of itself, and the name by which its weights are known, where that is another one than the file's.</summary>
    private static string Told(VerifiedFile found) =>
        (found.WeightsSha256 == found.Sha256 ? "" : $", weights sha256 {found.WeightsSha256}")
        + (found.Contents.Meaning is { } meaning ? $"; {meaning.Network.Name}, {meaning.Network.Channels} channels, normalize {meaning.Normalization}" : "");

    internal static async Task RequireRunAsync(SystemConnection system, Guid run, CancellationToken cancellationToken)
    {
        if (await new RunStore(system.Database).FindAsync(run, cancellationToken) is null)
            throw new CommandException($"There is no run {run}. 'changedetection list' shows what there is.");
    }

    private static object View(CheckpointRecord checkpoint) => new
    {
        checkpoint.Epoch,
        checkpoint.Step,
        checkpoint.Attempt,
        checkpoint.Best,
        checkpoint.Last,
        checkpoint.Damaged,
        checkpoint.Resumable,
        Sha256 = checkpoint.WeightsSha256,
        checkpoint.Bytes,
        checkpoint.OptimizerBytes,
        Metrics = JsonSerializer.Deserialize<Dictionary<string, double>>(checkpoint.Metrics),
        checkpoint.PublishedAt,
    };

    private static IEnumerable<string> KeptAs(CheckpointRecord checkpoint) => new (bool Is, string Word)[]
    {
        (checkpoint.Best, "best"), (checkpoint.Last, "last"), (checkpoint.Damaged, "damaged"), (!checkpoint.Resumable, "weights-only"),
    }.Where(kept => kept.Is).Select(kept => kept.Word);

    private static void Print(Terminal terminal, IReadOnlyList<CheckpointRecord> checkpoints)
    {
        var table = new TextTable(
            new("Step", IsNumber: true), new("Epochs done", Rank: 2, IsNumber: true),
            new("Attempt", Rank: 5, IsNumber: true), new("Kept as"), new("val/f1", Rank: 1, IsNumber: true),
            new("Bytes", Rank: 4, IsNumber: true), new("SHA-256 of the weights", Rank: 6, Least: 12), new("Published", Rank: 3));
        foreach (var checkpoint in checkpoints)
        {
            var metrics = JsonSerializer.Deserialize<Dictionary<string, double>>(checkpoint.Metrics) ?? [];
            table.Add(
                $"{checkpoint.Step}", $"{checkpoint.Epoch}", $"{checkpoint.Attempt}",
                string.Join(' ', KeptAs(checkpoint)),
                Tables.Score(metrics, "val/f1"), $"{checkpoint.Bytes}", checkpoint.WeightsSha256, Tables.Time(checkpoint.PublishedAt));
        }
        terminal.Write(table);
    }
}
