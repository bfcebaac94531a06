using System.CommandLine;
using ChangeDetection.Configuration;

namespace ChangeDetection.Scheduler.Commands;

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
