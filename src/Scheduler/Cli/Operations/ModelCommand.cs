using System.CommandLine;
using System.Diagnostics;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>model list|show</c>: answered by the worker executable, the only one that knows the networks.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A network of 'model list'." };
        var channels = new Option<int>("--channels") { Description = "Channels per date.", DefaultValueFactory = _ => 3 };
        var json = CommonOptions.Json();
        var list = new Command("list", "List the networks.") { json };
        list.SetAction((parsed, cancellationToken) => AskWorkerAsync(["model", "list", .. Flag(parsed.GetValue(json))], cancellationToken));
        var show = new Command("show", "Show a network: layers, shapes, parameters.") { name, channels, json };
        show.SetAction((parsed, cancellationToken) => AskWorkerAsync(
            ["model", "show", parsed.GetRequiredValue(name), "--channels", $"{parsed.GetValue(channels)}", .. Flag(parsed.GetValue(json))], cancellationToken));
        return new Command("model", "The networks.") { list, show };
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
