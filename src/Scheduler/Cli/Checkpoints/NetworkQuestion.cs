using System.Diagnostics;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary>
/// Asks the worker's program, the only one that knows the networks, whether a config's network can take the weights that it is to start from.
/// </summary>
internal static class NetworkQuestion
{
    /// <summary>Loading libtorch takes seconds, reading gibibytes of weights from a slow store longer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <param name="config">Its <c>model.init</c> says where the weights are, and what of them is taken under which names.</param>
    /// <param name="file">Where they still are; null: where <c>model.init</c> says.</param>
    /// <returns>What was done to fit them. Empty where that program is not installed here: then the run finds out, by the same comparison.</returns>
    /// <exception cref="CommandException">It cannot take them; the message has every difference, a line each.</exception>
    public static async Task<IReadOnlyList<string>> RequireFitAsync(
        Terminal terminal, ExperimentConfig config, string? file, CancellationToken cancellationToken)
    {
        Executable worker;
        try
        {
            worker = Executables.Locate(Executables.Worker);
        }
        catch (FileNotFoundException)
        {
            terminal.Warn($"{Executables.Worker} is not installed here, so that the weights are compared with {config.Model.Name} only when the run begins.");
            return [];
        }
        var command = worker.Command("weights", ["weights", "compare", .. file is null ? [] : (string[])[file]]);
        var (output, errors) = await AskInTimeAsync(command, ExperimentJson.Serialize(config), cancellationToken);
        // Native libraries may have printed something before.
        var answer = output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.., var last] ? WeightsComparison.TryParse(last) : null;
        if (answer is null)
            throw new CommandException($"{Executables.Worker} could not compare the weights with {config.Model.Name}: {errors.Trim()}", ExitCode.Failed);
        return answer.Problem is { } problem ? throw new CommandException($"{problem}\nNothing was queued.") : answer.Notes;
    }

    private static async Task<(string Output, string Errors)> AskInTimeAsync(ChildCommand command, string question, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            return await AskAsync(command, question, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(
                $"{Executables.Worker} did not compare the weights within {s_patience.TotalMinutes:0} min. Nothing was queued. Look at the store that "
                + "holds them, and whether 'changedetection doctor' finds libtorch sound.", ExitCode.Failed);
        }
    }

    private static async Task<(string Output, string Errors)> AskAsync(ChildCommand command, string question, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new CommandException($"{command.Program} did not start.", ExitCode.Failed);
        await using var ending = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        try
        {
            await process.StandardInput.WriteAsync(question.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read; what it printed says why.
        }
        await process.WaitForExitAsync(cancellationToken);
        return (await output, await errors);
    }
}
