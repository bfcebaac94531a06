using System.CommandLine;
using ChangeDetection.Configuration;

namespace ChangeDetection.Scheduler.Commands;

/// <summary><c>validate FILE</c>: every error of a config at once.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Experiment config, YAML or JSON." };
        var command = new Command("validate", "Check an experiment config.") { file };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            var config = ExperimentConfigReader.ReadFile(path);
            Console.WriteLine($"{path}: valid ({config.Name}, digest {ExperimentDigest.Of(config)[..12]}).");
            return ExitCode.Done;
        });
        return command;
    }
}
