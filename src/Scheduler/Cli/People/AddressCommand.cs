using System.CommandLine;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.People;

/// <summary><c>dashboard</c>: the address of the dashboard of the system that is up, with the token that signs its reader in.</summary>
internal static class AddressCommand
{
    public static Command Create(Terminal terminal)
    {
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("dashboard", "Print the address of the dashboard of the system that is up here, which signs you in.") { dataDir, json };
        command.SetAction(parsed =>
        {
            var folder = SystemSettings.Read(parsed.GetValue(dataDir)).Folder;
            if (DataFolder.Existing(folder.Path) is null || ConnectionFile.Read(folder) is not { Dashboard: { } dashboard } running)
                throw new CommandException($"No system is up on '{folder}'. Start one with 'changedetection up', or name its folder with --data-dir.");
            var address = DashboardAddress.Signed(dashboard, running.DashboardToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new { address }));
            else
                terminal.Result(address.AbsoluteUri);
            return ExitCode.Done;
        });
        return command;
    }
}
