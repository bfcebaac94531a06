using System.CommandLine;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>logs ID [-f]</c>: what a run's trainers wrote, from any machine.</summary>
internal static class LogsCommand
{
    private const int Page = 1000;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);

    public static Command Create(Terminal terminal)
    {
        var id = CommonOptions.Id("a run");
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run has ended." };
        var dataDir = CommonOptions.DataDir();
        var command = new Command("logs", "Print a run's log.") { id, follow, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var run = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "logs", cancellationToken);
            var runs = new RunStore(system.Database);
            var logs = new LogStore(system.Database);
            using var timer = new PeriodicTimer(s_poll);
            var last = 0L;
            while (true)
            {
                // The state first: lines written before the end are then sure to be read.
                var state = (await Outage.RetryAsync(token => runs.FindAsync(run, token), cancellationToken)
                    ?? throw new CommandException($"There is no run {run}. 'changedetection list' shows what there is.")).State;
                var lines = await Outage.RetryAsync(token => logs.ListAsync(run, last, Page, token), cancellationToken);
                foreach (var line in lines)
                {
                    terminal.Result($"{Tables.Time(line.At)} [{line.Attempt}] {line.Level.ToString().ToLowerInvariant()}: {Terminal.OneLine(line.Text)}");
                    last = line.Id;
                }
                if (lines.Count == Page)
                    continue;
                if (!parsed.GetValue(follow) || state.IsTerminal())
                    return ExitCode.Done;
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        });
        return command;
    }
}
