using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ChangeDetection.Core.Configuration.Schema;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Arguments;

/// <summary>What is wrong with a command line that could not be parsed, and what was probably meant: the same words from every program of the system.</summary>
public static class ParseErrors
{
    /// <summary>What every program has, and so no answer to what there is here.</summary>
    private static readonly string[] s_everywhere = ["--help", "--version"];

    /// <summary>The exit code of a command that is wrong: to run it again cannot help.</summary>
    public const int Wrong = 2;

    /// <summary>Writes the errors, and where the help is.</summary>
    /// <param name="program">A name of <see cref="Executables"/>.</param>
    /// <returns><see cref="Wrong"/>.</returns>
    public static int Report(ParseResult parsed, string program, TextWriter errors)
    {
        foreach (var line in Describe(parsed))
            errors.WriteLine($"error: {line}");
        errors.WriteLine($"See `{HelpFor(parsed, program)}`.");
        return Wrong;
    }

    public static IEnumerable<string> Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var unknown = Unknown(parsed.UnmatchedTokens).Select(word => Unknown(word, command)).ToList();
        if (command.Subcommands.Count > 0)
            return unknown.Count > 0 ? unknown.Take(1) : [$"A verb is missing. There are: {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}."];
        // The parser has its own message for each unknown word. Ours replaces it.
        var others = parsed.Errors.Where(error => !parsed.UnmatchedTokens.Any(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal)));
        return [.. unknown, .. others.Select(error => Describe(error, parsed)).Distinct()];
    }

    /// <summary>The help of the innermost verb that was understood.</summary>
    /// <param name="program">A name of <see cref="Executables"/>.</param>
    public static string HelpFor(ParseResult parsed, string program)
    {
        var verbs = new Stack<string>();
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult { Command: not RootCommand } command; result = result.Parent)
            verbs.Push(command.Command.Name);
        return string.Join(' ', [program, .. verbs, "--help"]);
    }

    /// <summary>The words that are errors by themselves: what follows an unknown option is most likely its value.</summary>
    private static IEnumerable<string> Unknown(IReadOnlyList<string> unmatched) =>
        unmatched.Where((word, index) => IsOption(word) || index == 0 || !IsOption(unmatched[index - 1]));

    private static string Unknown(string word, Command command)
    {
        var options = command.Options.Select(option => option.Name).ToList();
        if (IsOption(word))
            return $"There is no option '{word}'. {NearestName.Suggest(word, options) ?? $"There are: {string.Join(", ", options.Except(s_everywhere))}."}";
        if (command.Subcommands.Count == 0)
            return $"'{word}' is one argument too many.";
        var verbs = command.Subcommands.Select(verb => verb.Name).ToList();
        return $"There is no verb '{word}'. {NearestName.Suggest(word, [.. verbs, .. options]) ?? $"There are: {string.Join(", ", verbs)}."}";
    }

    private static bool IsOption(string word) => word.StartsWith('-');

    /// <summary>The parser's own message, except where it names our types, or does not name what is missing.</summary>
    private static string Describe(ParseError error, ParseResult parsed) => error.SymbolResult switch
    {
        OptionResult { Option: var option, Tokens: [] } when option.Arity.MinimumNumberOfValues > 0
            && error.Message.StartsWith("Required argument", StringComparison.Ordinal) =>
            $"{option.Name} needs a value.",
        OptionResult { Option: var option, Tokens: [{ Value: var text }] } => OfValue(option, text) ?? error.Message,
        CommandResult or ArgumentResult when error.Message.StartsWith("Required argument", StringComparison.Ordinal) && Missing(parsed) is { } argument =>
            $"{argument.Name} is missing: {argument.Description}",
        _ => error.Message,
    };

    private static Argument? Missing(ParseResult parsed) => parsed.CommandResult.Command.Arguments.FirstOrDefault(argument =>
        (parsed.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues);

    private static string? OfValue(Option option, string text)
    {
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        if (type.IsEnum && !Enum.TryParse(type, text, ignoreCase: true, out _))
            return $"{option.Name}: '{text}' is none of {string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))}.";
        return (type == typeof(int) || type == typeof(long)) && !long.TryParse(text, CultureInfo.InvariantCulture, out _)
            ? $"{option.Name}: '{text}' is no whole number."
            : null;
    }
}
