using System.CommandLine;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>
/// <c>cancel</c>, <c>pause</c>, <c>resume</c> and <c>retry</c>: a action for a run, or for every run of an experiment that it fits. Of a run that
/// refuses it the answer names the state and what would be possible.
/// </summary>
internal static class SteeringCommands
{
    public static IEnumerable<Command> Create(Terminal terminal)
    {
        yield return Create(terminal, "cancel", "Cancel a run, or every run of an experiment. One that runs makes a checkpoint first.", RunAction.Cancel);
        yield return Create(
            terminal, "pause",
            "Pause a run, or every run of an experiment. One that runs makes a checkpoint at its next step and gives its slot back.",
            RunAction.Pause);
        yield return Create(terminal, "resume", "Queue paused runs again; they go on from their last checkpoint.", RunAction.Resume);
        yield return Retry(terminal);
    }

    private static Command Retry(Terminal terminal)
    {
        var failedOnly = new Option<bool>(
            "--failed-only") { Description = "Leave cancelled runs as they are; those cancelled for a failed run come back with it." };
        return Create(
            terminal, "retry", "Queue failed and cancelled runs again, from their last checkpoint and with deaths and errors counted from zero.",
            RunAction.Retry, failedOnly, RunAction.RetryFailed);
    }

    private static Command Create(
        Terminal terminal, string verb, string description, RunAction action, Option<bool>? narrow = null, RunAction narrowed = default)
    {
        var id = CommonOptions.Id("a run or an experiment");
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command(verb, description) { id, dataDir, json };
        if (narrow is not null)
            command.Options.Add(narrow);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wanted = CommonOptions.ParseId(parsed.GetRequiredValue(id));
            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), verb, cancellationToken);
            var answers = await ApplyAsync(system, narrow is not null && parsed.GetValue(narrow) ? narrowed : action, wanted, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(answers.Select(View)));
            else
                Print(terminal, answers);
            if (!system.IsUp && answers.Any(answer => answer is { Granted: true, State: RunState.Queued }))
                terminal.Say("Nothing runs until 'changedetection up'.");
            return answers.Any(answer => answer.Granted) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>In the order of submission: a parent comes before the runs that wait for it.</summary>
    private static async Task<IReadOnlyList<ActionResult>> ApplyAsync(
        SystemConnection system, RunAction action, Guid wanted, CancellationToken cancellationToken)
    {
        var runs = new RunStore(system.Database);
        var chosen = await runs.FindAsync(wanted, cancellationToken) is { } run
            ? [run]
            : await runs.ListAsync(new RunFilter(Experiment: wanted, Limit: int.MaxValue), cancellationToken);
        if (chosen.Count == 0)
            throw new CommandException($"There is no run and no experiment {wanted}. 'changedetection list' shows what there is.");
        var steering = new RunActionStore(system.Database, system.Actor);
        var answers = new List<ActionResult>();
        foreach (var one in chosen)
        {
            if (await steering.ApplyAsync(action, one.Id, cancellationToken) is { } answer)
                answers.Add(answer);
        }
        return answers;
    }

    private static object View(ActionResult answer) => new { Id = answer.Run, answer.Name, answer.State, Accepted = answer.Granted, Detail = answer.Words };

    /// <summary>
    /// Refusals go to standard error, in full where nothing was granted: of an experiment's many runs most do not fit a action, and that is no
    /// mistake.
    /// </summary>
    private static void Print(Terminal terminal, IReadOnlyList<ActionResult> answers)
    {
        foreach (var answer in answers.Where(answer => answer.Granted))
            terminal.Result($"{answer.Run}  {answer.Name}: {answer.Words}");
        var refused = answers.Where(answer => !answer.Granted).ToList();
        if (refused.Count == answers.Count)
        {
            foreach (var answer in refused)
                terminal.Error($"{answer.Run}  {answer.Name} {answer.Words}");
        }
        else if (refused.Count > 0)
        {
            terminal.Say($"{refused.Count} of {answers.Count} runs stay as they are.");
        }
    }
}
