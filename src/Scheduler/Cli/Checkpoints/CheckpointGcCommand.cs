using System.CommandLine;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Storage;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using ChangeDetection.Scheduler.Daemon;

namespace ChangeDetection.Scheduler.Cli.Checkpoints;

/// <summary><c>checkpoint gc</c>: collects what nobody refers to now, instead of when the scheduler comes round to it; or says what it would collect.</summary>
internal static class CheckpointGcCommand
{
    public static Command Create(Terminal terminal)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would go, and delete nothing." };
        var grace = new Option<TimeSpan?>("--grace")
        {
            Description =
                "How long objects stay after nobody refers to them any more, such as 00:10:00 (default: CHANGEDETECTION_RETENTION__GRACE). Less " +
                "may take one from somebody who has just listed it.",
        };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("gc", "Delete stored objects that nobody refers to: retired checkpoints, and what killed attempts left behind.")
        {
            dryRun, grace, dataDir, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var patience = parsed.GetValue(grace) ?? RetentionSettings.OfEnvironment().Grace;
            if (patience < TimeSpan.Zero)
                throw new CommandException("--grace is below zero. Give a time such as 00:10:00.");
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "checkpoint gc", cancellationToken);
            var collector = new GarbageCollector(system.Database, ObjectStores.Open(system.Store), patience);
            var leftovers = await collector.LookAsync(delete: !parsed.GetValue(dryRun), cancellationToken).ToListAsync(cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(leftovers));
            else
                Print(terminal, leftovers, parsed.GetValue(dryRun));
            return leftovers.Any(leftover => leftover.Fate is LeftoverFate.Failed) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<UnreferencedObject> leftovers, bool dryRun)
    {
        var (fate, verb) = dryRun ? (LeftoverFate.Due, "would go") : (LeftoverFate.Collected, "collected");
        if (leftovers.Count > 0)
        {
            var table = new TextTable(
                new("Fate"), new("Bytes", Rank: 1, IsNumber: true), new("Key", Least: 24), new("Why", Rank: 2, Least: 20), new("Goes", Rank: 3));
            foreach (var leftover in leftovers)
            {
                table.Add(
                    leftover.Fate.ToString().ToLowerInvariant(), $"{leftover.Bytes}", leftover.Key, leftover.Problem ?? leftover.Why,
                    leftover.Fate is LeftoverFate.Waits ? Tables.Time(leftover.DueAt) : "");
            }
            terminal.Write(table);
        }
        var gone = leftovers.Where(leftover => leftover.Fate == fate).ToList();
        string[] staying =
        [
            .. Counted(leftovers, LeftoverFate.Waits, "wait for their grace time"),
            .. Counted(leftovers, LeftoverFate.Held, "may be read by a run or a backup"),
            .. Counted(leftovers, LeftoverFate.Failed, "could not be deleted"),
        ];
        terminal.Result(
            $"{gone.Count} {verb}, {gone.Sum(leftover => leftover.Bytes)} bytes; {(staying.Length == 0 ? "none stays" : string.Join(", ", staying))}.");
    }

    private static IEnumerable<string> Counted(IReadOnlyList<UnreferencedObject> leftovers, LeftoverFate fate, string why) =>
        leftovers.Count(leftover => leftover.Fate == fate) is > 0 and var count ? [$"{count} {why}"] : [];
}
