using System.CommandLine;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Identity;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.Daemon;

namespace ChangeDetection.Scheduler.Cli.Operations;

/// <summary><c>serve</c>: the scheduler daemon alone, against a database of yours.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_repeat = TimeSpan.FromSeconds(30);

    public static Command Create(Terminal terminal)
    {
        var noMigrate = new Option<bool>("--no-migrate")
        {
            Description = "Wait until 'changedetection migrate' has brought the database to this version: for an account that may not make tables.",
        };
        var command = new Command("serve", $"Run the scheduler alone, against {SystemSettings.DatabaseVariable}.") { noMigrate };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = SystemSettings.Read();
            var database = settings.Database
                ?? throw new SettingsException(
                    $"serve needs {SystemSettings.DatabaseVariable}: an Npgsql connection string such as " +
                    $"'Host=db;Database=changedetection;Username=…', or {SystemSettings.DatabaseFileVariable}, a file that holds one. "
                    + "For a system with a database of its own: changedetection up.");
            DataSources.Require(database);
            await PrepareAsync(terminal, database, migrates: !parsed.GetValue(noMigrate), cancellationToken);
            if (settings.NamedStore is { } store)
                await StoreOwnership.ClaimAsync(database, store, line => terminal.Say($"scheduler: {line}"), cancellationToken);
            await using var scheduler = await SchedulerHost.StartAsync(database, settings.NamedStore, cancellationToken);
            terminal.Say("scheduler: ready");
            await SchemaWatch.RunAsync(database, scheduler.RunUntilStoppedAsync, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Reason(Exception exception) => exception is MigrationException ? exception.Message : DatabaseProblem.Describe(exception);

    /// <summary>
    /// A daemon may be started before its database, or before who migrates it: it waits, and says what for. What is wrong with the database itself ends it.
    /// </summary>
    private static async Task PrepareAsync(Terminal terminal, string database, bool migrates, CancellationToken cancellationToken)
    {
        await using var source = DataSources.Create(database, "changedetection scheduler");
        long? said = null;
        while (true)
        {
            try
            {
                if (!migrates)
                    await Migrator.WaitForVersionAsync(database, source, TimeSpan.Zero, cancellationToken);
                else if (await Migrator.MigrateAsync(database, cancellationToken) is { Count: > 0 } steps)
                    terminal.Say($"scheduler: database brought to version {ProgramVersion.Text} by {string.Join(", ", steps)}");
                return;
            }
            catch (Exception exception) when (
                !cancellationToken.IsCancellationRequested
                && (Outage.IsOutage(exception)
                    || exception is MigrationException { InnerException: var cause } && (!migrates || cause is not null && Outage.IsOutage(cause))))
            {
                if (said is null || TimeProvider.System.GetElapsedTime(said.Value) > s_repeat)
                {
                    terminal.Say($"scheduler: waiting for the database ({Reason(exception)}). If it should be up, look at {SystemSettings.DatabaseVariable}.");
                    said = TimeProvider.System.GetTimestamp();
                }
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }
}
