using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>
/// <c>validate FILE</c>: every error of a config at once. A data set that is there has to fit; one that is not is only warned of, because a
/// config may be written where the data are not.
/// </summary>
internal static class ValidateCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Experiment config, YAML or JSON." };
        var command = new Command("validate", "Check an experiment config, and that its data set fits where that can be reached.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var config = ExperimentConfigReader.ReadFile(path);
            try
            {
                await DatasetCheck.RequireAsync(config, cancellationToken);
            }
            catch (Exception exception) when (exception is DatasetMissingException or StoreUriException)
            {
                terminal.Warn($"dataset.uri: {exception.Message} As things are, submit would refuse this config.");
            }
            var runs = ExperimentMatrix.Expand(config).Count;
            terminal.Result($"{path}: valid ({config.Name}, {(runs > 1 ? $"{runs} runs that train, " : "")}digest {ExperimentDigest.Of(config)[..12]}).");
            return ExitCode.Done;
        });
        return command;
    }
}
