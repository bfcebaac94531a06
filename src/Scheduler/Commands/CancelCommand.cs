using System.CommandLine;
using ChangeDetection.Runs;

namespace ChangeDetection.Scheduler.Commands;

/// <summary><c>cancel ID</c>: asks for the end of a run, or of every run of an experiment.</summary>
internal static class CancelCommand
{
    public static Command Create()
    {
        var id = CommonOptions.Id("a run or an experiment");
        var dataDir = CommonOptions.DataDir();
        var command = new Command("cancel", "Cancel a run, or every run of an experiment. One that runs makes a checkpoint first.") { id, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(parsed.GetValue(dataDir), "cancel", cancellationToken);
            var runs = new RunStore(system.Database);
            var chosen = await runs.FindAsync(wanted, cancellationToken) is { } run
                ? [run]
                : await runs.ListAsync(new RunFilter(Experiment: wanted), cancellationToken);
            if (chosen.Count == 0)
                throw new CommandException($"There is no run and no experiment {wanted}. 'changedetection list' shows what there is.");
            foreach (var one in chosen)
            {
                var state = await runs.CancelAsync(one.Id, cancellationToken);
                Console.WriteLine($"{one.Id}  {one.Name}: {(state is RunState.Running ? "asked to stop" : state.ToString()!.ToLowerInvariant())}");
            }
            return ExitCode.Done;
        });
        return command;
    }
}
