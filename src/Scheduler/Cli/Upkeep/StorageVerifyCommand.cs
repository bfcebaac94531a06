using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs.Inventory;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Upkeep;

/// <summary><c>storage verify</c>: whether every object that rows name is in the store.</summary>
internal static class StorageVerifyCommand
{
    public static Command Create(Terminal terminal)
    {
        var hashes = new Option<bool>("--hashes") { Description = "Read every object and compare its SHA-256 with the one that was published." };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("verify", "Look whether every object that the rows name is in the store, with its size.") { hashes, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "storage verify", cancellationToken);
            var report = await new StorageVerification(system.Database, ObjectStores.Open(system.Store))
                .RunAsync(parsed.GetValue(hashes), cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(report));
            else
                Print(terminal, system.Store, report);
            return report.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void Print(Terminal terminal, Uri store, StorageReport report)
    {
        if (report.Problems.Count > 0)
        {
            var table = new TextTable(new("Run", Rank: 1), new("Object", Least: 24), new("Problem", Least: 20));
            foreach (var problem in report.Problems)
                table.Add($"{problem.Run}", problem.Key, problem.Problem);
            terminal.Write(table);
        }
        terminal.Result(string.Create(CultureInfo.InvariantCulture,
            $"{report.Objects} objects, {report.Bytes} bytes, {(report.Hashed ? "every byte read" : "sizes compared")}: ")
            + (report.Problems.Count == 0 ? "all there." : $"{report.Problems.Count} missing or damaged in {store}."));
    }
}
