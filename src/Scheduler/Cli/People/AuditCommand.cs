using System.CommandLine;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Results;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.People;

/// <summary><c>audit</c>: who did what.</summary>
internal static class AuditCommand
{
    public static Command Create(Terminal terminal)
    {
        var user = new Option<string?>("--user") { Description = "Only what this user did." };
        var target = new Option<string?>("--object") { Description = "Only what was done to this: the id of a run, an experiment or a worker, a user's name." };
        var limit = new Option<int>("--limit") { Description = "At most so many, the newest.", DefaultValueFactory = _ => 100 }.Within(1, 100_000);
        var (dataDir, json) = (CommonOptions.DataDir(), CommonOptions.Json());
        var command = new Command("audit", "Show who did what, the newest first.") { user, target, limit, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "audit", cancellationToken);
            var entries = await new AuditStore(system.Database).ListAsync(
                parsed.GetValue(user), parsed.GetValue(target), parsed.GetValue(limit), cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(entries.Select(View)));
            else
                Print(terminal, entries);
            return ExitCode.Done;
        });
        return command;
    }

    private static object View(AuditEntry entry) =>
        new { entry.At, User = entry.UserName, entry.Verified, entry.Means, entry.Address, entry.Action, entry.Object, entry.Detail };

    private static void Print(Terminal terminal, IReadOnlyList<AuditEntry> entries)
    {
        var table = new TextTable(
            new("At"), new("User"), new("By", Rank: 2), new("From", Rank: 3), new("Action"), new("Object", Rank: 1), new("Detail", Rank: 4, Least: 16));
        foreach (var entry in entries)
        {
            table.Add(
                Tables.Time(entry.At), entry.UserName, entry.Verified ? entry.Means : $"{entry.Means} (unverified)", entry.Address ?? "",
                entry.Action, entry.Object ?? "", entry.Detail ?? "");
        }
        terminal.Write(table);
    }
}
