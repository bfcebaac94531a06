using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Scheduler.Cli.Errors;

/// <summary>What is wrong with a command line that could not be parsed, and what was probably meant.</summary>
internal static class ParseErrors
{
    public static IEnumerable<string> Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var unknown = parsed.UnmatchedTokens.Select(word => Unknown(word, command)).ToList();
        // Words that nobody knows are told in ours; that no verb is left without them, they say already.
        var others = parsed.Errors.Where(error => !parsed.UnmatchedTokens.Any(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal)));
        if (command.Subcommands.Count == 0)
            return [.. unknown, .. others.Select(Describe)];
        return unknown.Count > 0 ? unknown : [$"A verb is missing. There are: {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}."];
    }

    /// <summary>The help of the innermost verb that was understood.</summary>
    public static string HelpFor(ParseResult parsed)
    {
        var verbs = new Stack<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult { Command: not RootCommand } command; result = result.Parent)
            verbs.Push(command.Command.Name);
        return string.Join(' ', ["changedetection", .. verbs, "--help"]);
    }

    private static string Unknown(string word, Command command)
    {
        var (kind, known) = word.StartsWith('-')
            ? ("option", command.Options.Select(option => option.Name))
            : ("verb", command.Subcommands.Select(verb => verb.Name));
        if (kind == "verb" && command.Subcommands.Count == 0)
            return $"'{word}' is one argument too many.";
        var suggestion = NearestName.Suggest(word, known) ?? $"There are: {string.Join(", ", known)}.";
        return $"There is no {kind} '{word}'. {suggestion}";
    }

    /// <summary>The parser's own words, but for values of the wrong type, which it explains by the names of our types.</summary>
    private static string Describe(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: var option, Tokens: [{ Value: var text }] })
            return error.Message;
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        if (type.IsEnum && !Enum.TryParse(type, text, ignoreCase: true, out _))
            return $"{option.Name}: '{text}' is none of {string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))}.";
        return (type == typeof(int) || type == typeof(long)) && !long.TryParse(text, CultureInfo.InvariantCulture, out _)
            ? $"{option.Name}: '{text}' is no whole number."
            : error.Message;
    }
}
