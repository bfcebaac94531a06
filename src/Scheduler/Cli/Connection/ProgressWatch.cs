using ChangeDetection.Core.Database;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Connection;

/// <summary>Follows an experiment until all its runs have ended, with one line on standard error for each step forward.</summary>
internal static class ProgressWatch
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(10);

    public static async Task<ExperimentDocument> UntilEndedAsync(
        Terminal terminal, SystemConnection system, Guid experiment, CancellationToken cancellationToken)
    {
        var reader = new RunReader(system.Database, system.Store);
        var lines = new RunProgressLines(s_quiet, TimeProvider.System);
        using var timer = new PeriodicTimer(s_poll);
        do
        {
            var runs = await Outage.RetryAsync(token => reader.ListAsync(new RunFilter(Experiment: experiment), token), cancellationToken);
            foreach (var line in runs.Select(run => lines.Next(run, runs)).OfType<string>())
                terminal.Say(line);
            if (runs.All(run => run.State.IsTerminal()))
                break;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
        return (await reader.FindExperimentAsync(experiment, cancellationToken))!;
    }
}
