using System.CommandLine;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Scheduler.Cli.Errors;

namespace ChangeDetection.Scheduler.Cli.Options;

/// <summary>Options and arguments that several verbs share, so that they read the same everywhere.</summary>
internal static class CommonOptions
{
    public static Option<string?> DataDir() => new("--data-dir")
    {
        Description = $"Folder of the local system (default: {DataFolder.Variable}, else the user's data folder).",
    };

    public static Option<bool> Json() => new("--json") { Description = "One JSON document on standard output, and nothing else there." };

    public static Option<bool> Wait() => new("--wait")
    {
        Description = "Wait until everything the experiment queues has ended; exit code 1 unless all of it succeeded.",
    };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "path=value: override a key of the config; may be given more than once.",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Argument<string> Id(string what) => new("ID") { Description = $"Id of {what}." };

    public static Argument<string[]> Ids(string what) => new("ID") { Description = $"Ids of {what}.", Arity = ArgumentArity.OneOrMore };

    public static IReadOnlyList<Guid> ParseIds(IEnumerable<string> texts) => [.. texts.Select(ParseId).Distinct()];

    public static Guid ParseId(string text) => Guid.TryParse(text, out var id)
        ? id
        : throw new CommandException($"'{text}' is not an id. Ids look like 0199c0de-0000-7000-8000-000000000000; 'changedetection list' shows them.");
}
