using System.CommandLine;
using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Backups;

/// <summary><c>restore F</c>: makes a system of a backup.</summary>
internal static class RestoreCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A backup." };
        var replace = new Option<bool>("--replace")
        {
            Description = "Take the place of the system that the backup is of, which is lost: its identity, and its store where that has outlived it. " +
                "Without it the restored system is another one, which may stand beside it.",
        };
        var dataDir = new Option<string?>("--data-dir")
        {
            Description = $"Folder to make, for a system with a database of its own (default: {DataFolder.Variable}, else the user's data folder). " +
                $"Without it, where {SystemSettings.DatabaseVariable} and {SystemSettings.StoreVariable} are set, that database and store, both empty.",
        };
        var json = CommonOptions.Json();
        var command = new Command("restore", "Make a system of a backup, in a folder that does not exist yet or in an empty database and store.")
        {
            file, replace, dataDir, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            var settings = SystemSettings.Read(parsed.GetValue(dataDir));
            var (restored, start) = await terminal.WithProgressAsync(async progress =>
            {
                void Report(long done, long total) => progress.Report(new WorkDone("restoring", done, total));
                if (settings.Database is not { } database)
                    return (await BackupRestore.ToFolderAsync(
                            path, settings.Folder, settings.NamedStore, parsed.GetValue(replace), Report, cancellationToken),
                        $"changedetection up --data-dir {settings.Folder}");
                DataSources.Require(database);
                var store = settings.NamedStore ?? throw new SettingsException(
                    $"{SystemSettings.DatabaseVariable} is set and {SystemSettings.StoreVariable} is not: say where the objects go. For a system with a " +
                    "database of its own, name its folder with --data-dir.");
                return (await BackupRestore.ToDatabaseAsync(path, database, store, parsed.GetValue(replace), Report, cancellationToken),
                    "changedetection serve, and workers, with the same settings");
            });
            var header = restored.Contents.Header;
            foreach (var key in restored.Contents.Missing)
                terminal.Warn($"'{key}' was missing when the backup was made.");
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new
                {
                    backup = header.Id, header.MadeAt, restored.System, replaced = restored.System == header.System, header.Runs, header.Running,
                    restored.Contents.Objects,
                }));
            else
                terminal.Result(
                    $"Restored: {BackupCommand.Contents(header, restored.Contents.Objects, restored.Contents.Bytes)}, as the system {restored.System}" +
                    $"{(restored.System == header.System ? ", in place of the one that the backup is of: do not start that again" : "")}. Start it: {start}");
            return ExitCode.Done;
        });
        return command;
    }
}
