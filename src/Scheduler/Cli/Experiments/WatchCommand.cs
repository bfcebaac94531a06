using System.CommandLine;
using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;
using Spectre.Console;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>watch ID</c>: live progress of a run or an experiment, until it has ended.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);

    public static Command Create(Terminal terminal)
    {
        var id = CommonOptions.Id("a run or an experiment");
        var dataDir = CommonOptions.DataDir();
        var command = new Command("watch", "Follow a run or an experiment until it has ended; exit code 1 unless it succeeded.") { id, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "watch", cancellationToken);
            var reader = new RunReader(system.Database, system.Store);
            if ((await FindAsync(reader, wanted, cancellationToken)).Count == 0)
                throw new CommandException($"There is no run and no experiment {wanted}. 'changedetection list' shows what there is.");
            var runs = !terminal.DrawsResults
                ? await FollowAsync(reader, wanted, terminal.Result, cancellationToken)
                : await FollowOnTerminalAsync(terminal, reader, wanted, cancellationToken);
            return runs.All(run => run.State is RunState.Succeeded) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<RunDocument>> FindAsync(RunReader reader, Guid id, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } run ? [run] : await reader.ListAsync(new RunFilter(Experiment: id), cancellationToken);

    private static async Task<IReadOnlyList<RunDocument>> FollowAsync(RunReader reader, Guid id, Action<string> say, CancellationToken cancellationToken)
    {
        var lines = new RunProgressLines(TimeSpan.FromSeconds(5), TimeProvider.System);
        return await PollAsync(reader, id, runs =>
        {
            foreach (var line in runs.Select(run => lines.Next(run, runs)).OfType<string>())
                say(line);
        }, cancellationToken);
    }

    private static async Task<IReadOnlyList<RunDocument>> FollowOnTerminalAsync(
        Terminal terminal, RunReader reader, Guid id, CancellationToken cancellationToken) =>
        await terminal.Drawing(terminal.Output).Progress().Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                var bars = new Dictionary<Guid, ProgressTask>();
                return await PollAsync(reader, id, runs =>
                {
                    foreach (var run in runs)
                    {
                        if (!bars.TryGetValue(run.Id, out var bar))
                            bars[run.Id] = bar = context.AddTask(Markup.Escape(Terminal.Printable(run.Name)), maxValue: 1);
                        bar.Description = Markup.Escape(Terminal.Printable(RunProgressLines.Describe(run, runs)));
                        bar.Value = run.Progress;
                        if (run.State.IsTerminal())
                            bar.StopTask();
                    }
                }, cancellationToken);
            });

    private static async Task<IReadOnlyList<RunDocument>> PollAsync(
        RunReader reader, Guid id, Action<IReadOnlyList<RunDocument>> look, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_poll);
        while (true)
        {
            var runs = await Outage.RetryAsync(token => FindAsync(reader, id, token), cancellationToken);
            look(runs);
            if (runs.All(run => run.State.IsTerminal()))
                return runs;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
