using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Results;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Datasets;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>Queues a plan and says so; with <c>--wait</c>, follows it to its end. What every verb does that submits something.</summary>
internal sealed class Submission(Terminal terminal, SystemConnection system, bool wait, bool json)
{
    /// <exception cref="CommandException">It was to be waited for, and nobody would do it.</exception>
    public void RequireUp()
    {
        if (wait && !system.IsUp)
            throw new CommandException(
                "--wait needs a system that is up: start 'changedetection up' in another terminal, or leave --wait out. Nothing was queued.");
    }

    /// <summary>The same with the data sets that the runs read, which are recorded first.</summary>
    public async Task<int> QueueAsync(ExperimentPlan plan, IReadOnlyList<DatasetRecord> datasets, CancellationToken cancellationToken)
    {
        await new DatasetStore(system.Database).RecordAsync(datasets, cancellationToken);
        return await QueueAsync(plan.With([.. datasets.Select(dataset => dataset.Reference)]), cancellationToken);
    }

    /// <summary>Prints the experiment's id once it is committed.</summary>
    /// <returns>The exit code: with <c>--wait</c>, failed unless every run has succeeded.</returns>
    public async Task<int> QueueAsync(ExperimentPlan plan, CancellationToken cancellationToken)
    {
        await new ExperimentStore(system.Database, system.Actor).AddAsync(plan.Experiment, plan.Runs, cancellationToken);
        if (!json)
            terminal.Result(plan.Experiment.Id.ToString());
        if (!system.IsUp)
            terminal.Say("Nothing runs until 'changedetection up'.");
        if (!wait)
        {
            if (json)
                terminal.Document(
                    OutputJson.Write(new { experiment = plan.Experiment.Id, runs = plan.Runs.Select(run => new { run.Id, run.Name, run.Kind }) }));
            return ExitCode.Done;
        }
        var ended = await ProgressWatch.UntilEndedAsync(terminal, system, plan.Experiment.Id, cancellationToken);
        if (json)
            terminal.Document(OutputJson.Write(new { experiment = plan.Experiment.Id, runs = ended.Runs }));
        else if (plan.Runs.Count(run => run.Kind is RunKind.Train) > 1)
            terminal.Result(
                ComparisonText.Markdown(
                await new ComparisonReader(system.Database).ReadAsync([plan.Experiment.Id], ComparisonTable.UsualMetrics, cancellationToken)));
        return ended.Runs.All(run => run.State is RunState.Succeeded) ? ExitCode.Done : ExitCode.Failed;
    }
}
