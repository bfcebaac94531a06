using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Scheduler.Cli.Connection;
using ChangeDetection.Scheduler.Cli.Datasets;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>submit FILE</c>: prints the experiment's id once it is committed, and with <c>--wait</c> the table of an experiment of several runs.</summary>
internal static class SubmitCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Experiment config, YAML or JSON." };
        var set = CommonOptions.Set();
        var wait = CommonOptions.Wait();
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
            var read = ExperimentConfigReader.ReadFileWithPlaces(path, overrides);
            // A config whose data set is not there would only fail on a worker, later and further away.
            var datasets = await DatasetCheck.RequireAsync(read, "", cancellationToken);

            await using var system = await SystemConnection.OpenAsync(terminal, parsed.GetValue(dataDir), "submit", cancellationToken);
            var submission = new Submission(terminal, system, parsed.GetValue(wait), parsed.GetValue(json));
            submission.RequireUp();
            var config = await InitialWeightsCheck.ResolveAsync(system, read.Require(), cancellationToken);
            await InitialWeightsCheck.CompareAsync(terminal, config, cancellationToken);
            var plan = ExperimentPlanner.Plan(config, await File.ReadAllTextAsync(path, cancellationToken), TimeProvider.System.GetUtcNow());
            return await submission.QueueAsync(
                plan, [.. datasets.Select(dataset => DatasetSummary.Record(dataset.Uri, dataset.Dataset))], cancellationToken);
        });
        return command;
    }
}
