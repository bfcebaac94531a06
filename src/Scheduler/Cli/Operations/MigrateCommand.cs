using System.CommandLine;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>migrate</c>: brings a database to this version's schema, as the account that may, for a scheduler that may not.</summary>
internal static class MigrateCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("migrate", $"Bring the database of {SystemSettings.DatabaseVariable} to this version's schema, and end.");
        command.SetAction(async (_, cancellationToken) =>
        {
            var database = SystemSettings.Read().Database
                ?? throw new SettingsException($"migrate needs {SystemSettings.DatabaseVariable}. A system with a database of its own migrates it by itself.");
            var applied = await Migrator.MigrateAsync(database, cancellationToken);
            terminal.Result(applied.Count == 0 ? "nothing to do" : string.Join('\n', applied));
            return ExitCode.Done;
        });
        return command;
    }
}
