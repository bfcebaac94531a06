using System.Globalization;
using System.Text.Json;
using ChangeDetection.Datasets.Shards;
using Spectre.Console;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>
/// Where verbs write: results to standard output and nothing else there; progress, warnings and errors to standard error.
/// Text from files and names is made harmless: control characters could repaint the terminal.
/// </summary>
/// <param name="output">For results.</param>
/// <param name="log">For everything else.</param>
/// <param name="interactive">Whether <paramref name="log"/> is a terminal that can draw a bar.</param>
public sealed class Terminal(TextWriter output, TextWriter log, bool interactive, TimeProvider time)
{
    /// <summary>A file or a pipe takes lines of any length.</summary>
    private const int PipeWidth = int.MaxValue;
    /// <summary>Of a terminal that does not know its size, and says 0.</summary>
    private const int UsualWidth = 80;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = ReadableJson.Encoder,
    };

    /// <summary>The streams of this process.</summary>
    public static Terminal OfProcess() => new(
        new ConsoleWriter(() => Console.Out), new ConsoleWriter(() => Console.Error), !Console.IsErrorRedirected, TimeProvider.System)
    {
        DrawsResults = !Console.IsOutputRedirected,
        Answers = Console.IsInputRedirected || Console.IsErrorRedirected ? null : Console.In,
        Width = Console.IsOutputRedirected ? PipeWidth : Console.WindowWidth is > 0 and var width ? width : UsualWidth,
    };

    public TextWriter Output { get; } = output;

    public TextWriter Log { get; } = log;

    /// <summary>Whether <see cref="Output"/> is a terminal that can draw a bar.</summary>
    internal bool DrawsResults { get; init; }

    /// <summary>Columns of <see cref="Output"/>.</summary>
    internal int Width { get; init; } = PipeWidth;

    /// <summary>Where a person who sits before it answers; null where nobody does.</summary>
    internal TextReader? Answers { get; init; }

    /// <summary>Prints a line of the result.</summary>
    public void Result(string line) => Output.WriteLine(Printable(line));

    /// <summary>Prints the result as one JSON document with snake_case keys.</summary>
    public void Json<T>(T document) => Document(JsonSerializer.Serialize(document, s_json));

    /// <summary>Prints a JSON document. What could repaint the terminal can only stand in its strings, and is escaped there: it means the same.</summary>
    public void Document(string json) =>
        Output.WriteLine(
            json.Any(IsHarmful)
            ? string.Concat(json.Select(character => IsHarmful(character) ? $"\\u{(int)character:x4}" : character.ToString())) : json);

    /// <summary>Prints a table, and says which columns the width had no room for.</summary>
    internal void Write(TextTable table)
    {
        var (text, leftOut) = table.Draw(Width);
        // What stands in the cells is made harmless here, in one place, and not by every verb for each of its cells.
        Output.Write(Printable(text));
        if (leftOut.Count > 0)
            Say($"No room for: {string.Join(", ", leftOut)}. A wider terminal shows them, and --json.");
    }

    /// <summary>Tells something that is not the result.</summary>
    public void Say(string line) => Log.WriteLine(Printable(line));

    /// <summary>Asks a person. Where nobody sits before the terminal, as in a script, nothing is asked, and the answer is yes.</summary>
    internal bool Confirms(string question)
    {
        if (Answers is null)
            return true;
        Log.Write(Printable($"{question} [y/N] "));
        Log.Flush();
        return Answers.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    public void Warn(string line) => Say($"warning: {line}");

    public void Error(string line) => Say($"error: {line}");

    /// <summary>Does long work under a progress bar on a terminal, and with a line now and then elsewhere.</summary>
    public async Task<T> WithProgressAsync<T>(Func<IProgress<WorkDone>, Task<T>> work)
    {
        if (!interactive)
            return await work(new ProgressLines(this, time));
        return await Drawing(Log).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new ProgressBars(context)));
    }

    /// <summary>For bars that are drawn on a terminal. What is named there goes through <see cref="Printable"/>.</summary>
    // Spectre looks whether it writes to a stream of the console, and draws only there.
    internal IAnsiConsole Drawing(TextWriter writer) => AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput((writer as ConsoleWriter)?.Stream ?? writer) });

    /// <summary>The text without control and formatting characters, line feeds and tabs excepted.</summary>
    internal static string Printable(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = IsHarmful(source[i]) ? '\uFFFD' : source[i];
    });

    /// <summary>The same on one line: what was written as one line cannot pass for two.</summary>
    internal static string OneLine(string text) => Printable(text).Replace('\n', '\uFFFD');

    private static bool IsHarmful(char character) => character is not ('\n' or '\t') && CharUnicodeInfo.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
