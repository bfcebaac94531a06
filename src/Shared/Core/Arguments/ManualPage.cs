using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Reflection;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Core.Arguments;

/// <summary>A program's manual page (section 1): every verb with its arguments and options, then what holds for all of them.</summary>
public static class ManualPage
{
    /// <summary>More values than these are what the description, or another verb, lists.</summary>
    private const int MostValues = 6;

    /// <summary>The version that all programs of the system have, without the commit.</summary>
    public static string Version { get; } = typeof(ManualPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+')[0];

    /// <param name="root">The whole command line.</param>
    /// <param name="program">A name of <see cref="Executables"/>.</param>
    /// <returns>Source for <c>man</c>.</returns>
    public static string Of(Command root, string program)
    {
        var page = new Roff();
        page.Title(program, Version);
        page.Section("NAME");
        page.Line($@"{Roff.Escape(program)} \- {Roff.Escape(FirstSentence(root.Description ?? ""))}");
        page.Section("SYNOPSIS");
        page.Line(root.Subcommands.Count > 0 ? $"{Roff.Bold(program)} {Roff.Italic("VERB")} [{Roff.Italic("options")}]" : Usage([program], root));
        page.Section("DESCRIPTION");
        page.Text(root.Description ?? "");
        if (root.Subcommands.Count > 0)
        {
            page.Section("VERBS");
            foreach (var verb in root.Subcommands)
                Write(page, [program], verb);
        }
        page.Section("OPTIONS");
        WriteParts(page, root);
        WriteRest(page, program);
        return page.ToString();
    }

    private static void Write(Roff page, IReadOnlyList<string> above, Command verb)
    {
        if (verb.Hidden)
            return;
        string[] path = [.. above, verb.Name];
        page.Subsection(Usage(path, verb));
        page.Text(verb.Description ?? "");
        WriteParts(page, verb);
        foreach (var inner in verb.Subcommands)
            Write(page, path, inner);
    }

    private static void WriteParts(Roff page, Command command)
    {
        foreach (var argument in command.Arguments.Where(argument => !argument.Hidden))
            page.Term(Roff.Italic(argument.Name), argument.Description ?? "");
        foreach (var option in command.Options.Where(option => !option.Hidden))
        {
            // Help knows names of other systems too: /? and /h.
            var names = new[] { option.Name }.Concat(option.Aliases.Where(alias => alias.StartsWith('-')).Order(StringComparer.Ordinal)).Select(Roff.Bold);
            page.Term($"{string.Join(", ", names)}{(Value(option) is { } value ? $" {value}" : "")}", $"{option.Description}{Default(option)}");
        }
    }

    private static string Usage(IReadOnlyList<string> path, Command command)
    {
        if (command.Subcommands.Count > 0)
            return $"{Roff.Bold(string.Join(' ', path))} {Roff.Italic("VERB")}";
        var arguments = command.Arguments.Where(argument => !argument.Hidden).Select(argument =>
        {
            var name = Roff.Italic(argument.Name) + (argument.Arity.MaximumNumberOfValues > 1 ? " …" : "");
            return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
        });
        var options = command.Options.Where(option => !option.Hidden).ToList();
        var required = options.Where(option => option.Required).Select(option => $"{Roff.Bold(option.Name)} {Value(option)}");
        string[] rest = options.TrueForAll(option => option.Required) ? [] : [$"[{Roff.Italic("options")}]"];
        return string.Join(' ', [Roff.Bold(string.Join(' ', path)), .. arguments, .. required, .. rest]);
    }

    private static string? Value(Option option)
    {
        if (option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool))
            return null;
        var values = option.GetCompletions(CompletionContext.Empty).Select(item => item.Label).Distinct().ToList();
        return values.Count is > 0 and <= MostValues
            ? string.Join('|', values.Select(value => Roff.Bold(value)))
            : Roff.Italic((option.HelpName ?? option.Name.TrimStart('-')).ToUpperInvariant());
    }

    private static string Default(Option option)
    {
        if (!option.HasDefaultValue || option.Description?.Contains("default", StringComparison.OrdinalIgnoreCase) is true)
            return "";
        return option.GetDefaultValue() switch
        {
            bool or null or "" => "",
            string text => $" (default: {text})",
            IFormattable number => $" (default: {number.ToString(null, CultureInfo.InvariantCulture)})",
            _ => "",
        };
    }

    private static void WriteRest(Roff page, string program)
    {
        page.Section("EXIT STATUS");
        page.Term("0", "Done.");
        page.Term("1", "The run, the check or the program failed.");
        page.Term("2", "The command, the config or a setting is wrong: to run it again cannot help.");
        page.Section("ENVIRONMENT");
        page.Term(Roff.Bold(SystemSettings.DatabaseVariable), "A PostgreSQL connection string: the system to work with, instead of the local one.");
        page.Term(Roff.Bold(SystemSettings.StoreVariable), "Where checkpoints, reports and pictures go: file:///…, s3://…, az://….");
        page.Term(Roff.Bold(DataFolder.Variable), "Folder of the local system.");
        page.Text("The page “settings” of the documentation has all variables.");
        page.Section("FILES");
        page.Term(Roff.Italic("~/.local/share/changedetection"), "The local system: its PostgreSQL cluster, its store, its logs. Only its owner can read it.");
        page.Term(Roff.Italic("/etc/changedetection/changedetection.env"), "What the services of an installed package read.");
        page.Section("SEE ALSO");
        var others = new[] { Executables.Scheduler, Executables.Worker, Executables.Dashboard }.Where(name => name != program);
        page.Line(string.Join(", ", others.Select(name => $"{Roff.Bold(name)}(1)")));
    }

    private static string FirstSentence(string text)
    {
        var end = text.AsSpan().IndexOfAny(':', '.');
        return end < 0 ? text : text[..end];
    }
}
