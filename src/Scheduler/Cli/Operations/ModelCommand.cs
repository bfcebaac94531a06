using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>model list</c>: a table of constants. <c>model show</c>: answered by the worker executable, the only one that can build a network.</summary>
internal static class ModelCommand
{
    public static Command Create(Terminal terminal) => new("model", "The networks.") { List(terminal), Show() };

    private static Command List(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List the networks.") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
                terminal.Document(
                    OutputJson.Write(
                    ModelNames.Summaries.Select(model => new { model.Name, model.Summary, model.Source, ModelSummary.Channels, model.Parameters })));
            else
                Print(terminal);
        });
        return command;
    }

    private static void Print(Terminal terminal)
    {
        foreach (var model in ModelNames.Summaries)
            terminal.Result(string.Create(CultureInfo.InvariantCulture, $"{model.Name,-18} {model.Parameters,12:N0} parameters  {model.Summary}"));
    }

    private static Command Show()
    {
        var name = new Argument<string>("NAME") { Description = "A network of 'model list'." };
        var channels = new Option<int>("--channels") { Description = "Channels per date.", DefaultValueFactory = _ => ModelSummary.Channels }.Within(1, 64);
        var json = CommonOptions.Json();
        var command = new Command("show", "Show a network: layers, shapes, parameters.") { name, channels, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var wanted = parsed.GetRequiredValue(name);
            // Told here, before a process is started and libtorch loaded for it.
            if (!ModelNames.All.Contains(wanted))
                throw new CommandException(
                    $"There is no network '{wanted}'. " +
                    $"{NearestName.Suggest(wanted, ModelNames.All) ?? $"There are: {string.Join(", ", ModelNames.All)}."}");
            return AskWorkerAsync(["model", "show", wanted, "--channels", $"{parsed.GetValue(channels)}", .. Flag(parsed.GetValue(json))], cancellationToken);
        });
        return command;
    }

    private static string[] Flag(bool json) => json ? ["--json"] : [];

    /// <summary>Its output is ours.</summary>
    private static async Task<int> AskWorkerAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var worker = Executables.Locate(Executables.Worker);
        using var process = Process.Start(new ProcessStartInfo(worker.Program, [.. worker.LeadingArguments, .. arguments]))
            ?? throw new CommandException($"{worker.Program} did not start.", ExitCode.Failed);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }
}
