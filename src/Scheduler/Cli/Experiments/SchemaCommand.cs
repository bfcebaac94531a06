using System.CommandLine;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Scheduler.Cli.Errors;
using ChangeDetection.Scheduler.Cli.Output;

namespace ChangeDetection.Scheduler.Cli.Experiments;

/// <summary><c>schema</c>: the JSON Schema of the config, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("schema", "Print the JSON Schema of the experiment config.");
        command.SetAction(_ =>
        {
            terminal.Document(ExperimentSchema.Json);
            return ExitCode.Done;
        });
        return command;
    }
}
