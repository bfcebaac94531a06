using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Options;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary>
/// <c>validate FILE</c>: every error of a config at once, and everything in which it does not fit its data sets. It fails where <c>submit</c> would; a config
/// that is written where the data are not is checked by itself with <c>--skip-data</c>.
/// </summary>
internal static class ValidateCommand
{
    private const string SkipData = "--skip-data";

    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Experiment config, YAML or JSON." };
        var set = CommonOptions.Set();
        var skip = new Option<bool>(SkipData) { Description = "Check the config alone: its data sets cannot be reached from here." };
        var command = new Command("validate", "Check an experiment config, and that its data sets are there and fit it, as submit would.") { file, set, skip };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var read = ExperimentConfigReader.ReadFileWithPlaces(path, parsed.GetValue(set) ?? []);
            if (parsed.GetValue(skip))
                terminal.Warn($"{SkipData}: whether the config fits its data sets was not checked.");
            else
                await DatasetCheck.RequireAsync(
                    read, $" Where it cannot be reached from here, {SkipData} checks the config alone.", cancellationToken);
            var config = read.Require();
            // What a run's id means is known to a system alone.
            if (!Guid.TryParseExact(config.Model.Init.From, "D", out _))
                await InitialWeightsCheck.CompareAsync(terminal, config, cancellationToken);
            var runs = ExperimentMatrix.Expand(config).Count;
            terminal.Result($"{path}: valid ({config.Name}, {(runs > 1 ? $"{runs} runs that train, " : "")}digest {ExperimentDigest.Of(config)[..12]}).");
            return ExitCode.Done;
        });
        return command;
    }
}
