using System.CommandLine;
using System.Globalization;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>list</c>: the runs, newest experiment first.</summary>
internal static class ListCommand
{
    public static Command Create(Terminal terminal)
    {
        var state = new Option<RunState?>("--state") { Description = "Only runs in this state." };
        var limit = new Option<int>("--limit") { Description = "At most so many.", DefaultValueFactory = _ => 100 }.Within(1, 100_000);
        var archived = new Option<bool>("--archived") { Description = "Only runs of archived experiments, which are left out otherwise." };
        var all = new Option<bool>("--all") { Description = "Those of archived experiments too." };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("list", "List the runs.") { state, limit, archived, all, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(archived) && parsed.GetValue(all))
                throw new CommandException("--archived and --all exclude each other. Say one.");
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "list", cancellationToken);
            var runs = await new RunReader(system.Database, system.Store).ListAsync(
                new RunFilter(
                    State: parsed.GetValue(state), Limit: parsed.GetValue(limit), Archived: parsed.GetValue(all) ? null : parsed.GetValue(archived)),
                cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(runs));
            else
                Print(terminal, runs);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<RunDocument> runs)
    {
        if (runs.Count == 0)
        {
            terminal.Result("No runs. Submit one: changedetection submit FILE");
            return;
        }
        var table = new TextTable(
            new("ID"), new("Name", Least: 12), new("Kind", Rank: 5), new("State"),
            new("Progress", Rank: 2, IsNumber: true), new("ETA", Rank: 4, IsNumber: true),
            new("val/f1", Rank: 3, IsNumber: true), new("test/f1", Rank: 1, IsNumber: true), new("Reason", Rank: 6, Least: 20));
        foreach (var run in runs)
        {
            table.Add(
                run.Id.ToString(), run.Name, run.Kind.ToString().ToLowerInvariant(), run.State.ToString().ToLowerInvariant(),
                run.Progress.ToString("0 %", CultureInfo.InvariantCulture), run.EtaSeconds is { } eta ? Durations.Short(TimeSpan.FromSeconds(eta)) : "",
                Tables.Score(run.Metrics, "val/f1"), Tables.Score(run.Metrics, "test/f1"), run.Reason ?? "");
        }
        terminal.Write(table);
    }
}
