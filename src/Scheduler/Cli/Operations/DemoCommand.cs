using System.CommandLine;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>demo</c>: the real system on generated scenes, from nothing to a score.</summary>
internal static class DemoCommand
{
    public static Command Create(Terminal terminal)
    {
        var keep = new Option<bool>("--keep") { Description = "Leave the system up afterwards, until Ctrl-C." };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("demo", "Bring up a system, generate a data set, train and evaluate a network on it, and show where to look.")
        {
            keep, dataDir,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // A folder of its own: a demonstration never mixes with the user's runs.
            var folder = parsed.GetValue(dataDir) ?? SystemSettings.Read().Folder["demo"];
            var demonstration = new Demo(Path.GetFullPath(folder), terminal);
            return await demonstration.RunAsync(parsed.GetValue(keep), cancellationToken);
        });
        return command;
    }
}
