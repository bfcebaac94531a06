using System.CommandLine;
using ChangeDetection.Configuration;
using ChangeDetection.Runs;
using ChangeDetection.Scheduler.Planning;
using ChangeDetection.Scheduler.Views;

namespace ChangeDetection.Scheduler.Commands;

/// <summary><c>submit FILE</c>: prints the experiment's id once it is committed.</summary>
internal static class SubmitCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Experiment config, YAML or JSON." };
        var set = new Option<string[]>("--set") { Description = "path=value: override a key of the config; may be given more than once.", AllowMultipleArgumentsPerToken = false };
        var wait = new Option<bool>("--wait") { Description = "Wait until everything the experiment queues has ended; exit code 1 unless all of it succeeded." };
        var priority = new Option<int?>("--priority") { Description = "0 to 9, higher is sooner; overrides the config." };
        var dataDir = CommonOptions.DataDir();
        var json = CommonOptions.Json();
        var command = new Command("submit", "Queue an experiment.") { file, set, wait, priority, dataDir, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var overrides = parsed.GetValue(set) ?? [];
            if (parsed.GetValue(priority) is { } level)
                overrides = [.. overrides, $"resources.priority={level.ToString(System.Globalization.CultureInfo.InvariantCulture)}"];
            var config = ExperimentConfigReader.ReadFile(path, overrides);
            // A config whose data set is not there would only fail on a worker, later and further away.
            await DatasetCheck.RequireAsync(config, cancellationToken);

            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "submit", cancellationToken);
            if (parsed.GetValue(wait) && !system.IsUp)
                throw new CommandException("--wait needs a system that is up: start 'changedetection up' in another terminal, or leave --wait out. Nothing was queued.");
            config = await InitialWeightsCheck.ResolveAsync(system, config, cancellationToken);
            var plan = ExperimentPlanner.Plan(config, await File.ReadAllTextAsync(path, cancellationToken), TimeProvider.System.GetUtcNow());
            await new ExperimentStore(system.Database).AddAsync(plan.Experiment, plan.Runs, cancellationToken);
            if (!parsed.GetValue(json))
                terminal.Result(plan.Experiment.Id.ToString());
            if (!system.IsUp)
                terminal.Say("Nothing runs until 'changedetection up'.");
            if (!parsed.GetValue(wait))
            {
                if (parsed.GetValue(json))
                    terminal.Document(OutputJson.Write(new { experiment = plan.Experiment.Id, runs = plan.Runs.Select(run => new { run.Id, run.Name, run.Kind }) }));
                return ExitCode.Done;
            }
            var ended = await ProgressWatch.UntilEndedAsync(terminal, system, plan.Experiment.Id, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Document(OutputJson.Write(new { experiment = plan.Experiment.Id, runs = ended.Runs }));
            return ended.Runs.All(run => run.State is RunState.Succeeded) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
