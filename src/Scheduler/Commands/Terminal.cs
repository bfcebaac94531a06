using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>
/// Where verbs write: results to standard output and nothing else there; progress, warnings and errors to standard error.
/// Text from files and names is made harmless: control characters could repaint the terminal.
/// </summary>
/// <param name="output">For results.</param>
/// <param name="log">For everything else.</param>
/// <param name="interactive">Whether <paramref name="log"/> is a terminal that can draw a bar.</param>
public sealed class Terminal(TextWriter output, TextWriter log, bool interactive, TimeProvider time)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <summary>The streams of this process.</summary>
    public static Terminal OfProcess() => new(Console.Out, Console.Error, !Console.IsErrorRedirected, TimeProvider.System);

    public TextWriter Output { get; } = output;

    public TextWriter Log { get; } = log;

    /// <summary>Prints a line of the result.</summary>
    public void Result(string line) => Output.WriteLine(Printable(line));

    /// <summary>Prints the result as one JSON document with snake_case keys.</summary>
    public void Json<T>(T document) => Output.WriteLine(JsonSerializer.Serialize(document, s_json));

    /// <summary>Tells something that is not the result.</summary>
    public void Say(string line) => Log.WriteLine(Printable(line));

    public void Warn(string line) => Say($"warning: {line}");

    public void Error(string line) => Say($"error: {line}");

    /// <summary>Does long work under a progress bar on a terminal, and with a line now and then elsewhere.</summary>
    public async Task<T> WithProgressAsync<T>(Func<IProgress<WorkDone>, Task<T>> work)
    {
        if (!interactive)
            return await work(new ProgressLines(this, time));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Log) });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new ProgressBars(context)));
    }

    /// <summary>The text without control and formatting characters, line feeds excepted.</summary>
    internal static string Printable(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = source[i] == '\n' || !IsUnprintable(source[i]) ? source[i] : '\uFFFD';
    });

    private static bool IsUnprintable(char character) => CharUnicodeInfo.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
