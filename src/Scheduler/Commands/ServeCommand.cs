using System.CommandLine;
using ChangeDetection.Database;
using ChangeDetection.Scheduler.Local;

namespace ChangeDetection.Scheduler.Commands;

/// <summary><c>serve</c>: the scheduler daemon alone, against a database of yours.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var command = new Command("serve", $"Run the scheduler alone, against {SystemConnection.DatabaseVariable}.");
        command.SetAction(async (_, cancellationToken) =>
        {
            var database = Environment.GetEnvironmentVariable(SystemConnection.DatabaseVariable) is { Length: > 0 } text
                ? text
                : throw new CommandException($"serve needs {SystemConnection.DatabaseVariable}: an Npgsql connection string such as 'Host=db;Database=changedetection;Username=…'. "
                    + "For a system with a database of its own: changedetection up.");
            DataSources.Require(database);
            await Migrator.MigrateAsync(database, cancellationToken);
            await using var scheduler = await SchedulerHost.StartAsync(database, SystemConnection.ConfiguredStore(), cancellationToken);
            await Console.Error.WriteLineAsync("scheduler: ready");
            await scheduler.RunUntilStoppedAsync(cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }
}
