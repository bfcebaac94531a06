using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Backups;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Backups;

/// <summary><c>backup --out F</c> and <c>backup verify F</c>.</summary>
internal static class BackupCommand
{
    public static Command Create(Terminal terminal)
    {
        // Not required by the parser: the subcommand has none.
        var file = new Option<string?>("--out") { Description = "The file to write: a tar of the database's rows and of every object that they name." };
        var force = new Option<bool>("--force") { Description = "Replace the file if it is there." };
        var allowMissing = new Option<bool>("--allow-missing")
        {
            Description = "Make a backup of what there is when objects are missing or damaged. It says so of itself.",
        };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("backup", "Copy a whole system into one file, while it works or while it is down. Data sets are not in it.")
        {
            file, force, allowMissing, dataDir, json, Verify(terminal),
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = OutputPath.Require(
                "--out", parsed.GetValue(file) ?? throw new CommandException("backup needs --out FILE. To look at one that there is: backup verify FILE."));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "backup", cancellationToken);
            var request = new BackupRequest(system.ConnectionString, ObjectStores.Open(system.Store), system.Store, parsed.GetValue(allowMissing));
            var made = await terminal.WithProgressAsync(progress => new BackupWriter(request).WriteAsync(
                path, parsed.GetValue(force), (done, total) => progress.Report(new WorkDone("copying objects", done, total)), cancellationToken));
            foreach (var problem in made.Missing)
                terminal.Warn($"run {problem.Run}: '{problem.Key}' {problem.Problem}");
            var size = new FileInfo(path).Length;
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new
                {
                    file = path, bytes = size, made.Header.Id, made.Header.MadeAt, made.Header.System, made.Header.Program, made.Header.Runs,
                    made.Header.Running, made.Objects, missing = made.Missing.Select(problem => problem.Key),
                }));
            else
                terminal.Result($"{path}: {Contents(made.Header, made.Objects, size)}. Look at a copy of it with 'changedetection backup verify'.");
            return made.Missing.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static Command Verify(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "A backup." };
        var json = CommonOptions.Json();
        var command = new Command("verify", "Read a backup from its first byte to its last: every hash, and the dump of the database.") { file, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            var found = await terminal.WithProgressAsync(progress => BackupVerification.RunAsync(
                path, (done, total) => progress.Report(new WorkDone("reading", done, total)), cancellationToken));
            var (header, objects) = (found.Contents.Header, found.Contents.Objects);
            if (!found.DumpRead)
                terminal.Warn($"the dump has its hash, and was not read: there is no pg_restore of version {header.DumpedBy} or newer here.");
            foreach (var key in found.Contents.Missing)
                terminal.Warn($"'{key}' was missing when the backup was made (--allow-missing).");
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new
                {
                    file = path, bytes = new FileInfo(path).Length, header.Id, header.MadeAt, header.System, header.Program, header.Store, header.Runs,
                    header.Running, objects, found.DumpRead, found.Contents.Missing,
                }));
            else
                terminal.Result($"{path}: intact, {Contents(header, objects, new FileInfo(path).Length)}, of the system {header.System}.");
            return ExitCode.Done;
        });
        return command;
    }

    internal static string Contents(BackupHeader header, long objects, long bytes) => string.Create(CultureInfo.InvariantCulture,
        $"{header.Runs} runs ({header.Running} of them running) and {objects} objects as of {UtcTime.Text(header.MadeAt.UtcDateTime)}, {bytes} bytes");
}
