using ChangeDetection.Core.Hosting;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChangeDetection.Worker.Check;

/// <summary>What a check found, as a JSON document and as text for people.</summary>
internal sealed record CheckReport
{
    private const int NameWidth = 24;

    /// <summary>Of this document.</summary>
    public int Version { get; init; } = 1;
    public required string Device { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public double Seconds { get; init; }
    /// <summary>How many steps there are; a check that was ended has taken fewer.</summary>
    public required int Planned { get; init; }
    /// <summary>Whether every step was taken and succeeded.</summary>
    public bool Ok => Steps.Count == Planned && Steps.All(step => step.State == StepState.Ok);
    /// <summary>The version of the worker.</summary>
    public required string Worker { get; init; }
    /// <summary>What is known of the machine beside what the steps find.</summary>
    public required OrderedDictionary<string, string> Machine { get; init; }
    public IReadOnlyList<StepResult> Steps { get; init; } = [];

    private static readonly JsonSerializerOptions s_line = Options(indented: false);
    private static readonly JsonSerializerOptions s_document = Options(indented: true);

    public static JsonSerializerOptions Json(bool indented) => indented ? s_document : s_line;

    /// <summary>Writes <c>PATH.json</c> and <c>PATH.txt</c>, each whole or not at all.</summary>
    public void Write(string path)
    {
        Replace(path + ".json", JsonSerializer.Serialize(this, s_document) + "\n");
        var text = new StringBuilder(Head());
        foreach (var step in Steps)
            text.Append(Lines(step));
        Replace(path + ".txt", text.Append(Tail()).ToString());
    }

    public string Head()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"check of {Device} by changedetection-worker {Worker}, {UtcTime.Text(StartedAt.UtcDateTime)}");
        foreach (var (name, value) in Machine)
            text.AppendLine($"  {name,-NameWidth} {Indented(value, NameWidth + 3)}");
        return text.ToString();
    }

    public static string Lines(StepResult step)
    {
        var word = step.State switch { StepState.Ok => "ok", StepState.Failed => "FAILED", _ => "skipped" };
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{word,-8} {step.Name,-NameWidth} {step.Seconds,6:0.0} s  {step.Summary}");
        // Its first line is the summary.
        foreach (var line in step.Error?.Trim().Split('\n').Skip(1) ?? [])
            text.AppendLine($"           {line}");
        return text.ToString();
    }

    public string Tail()
    {
        var others = Steps.Where(step => step.State != StepState.Ok).Select(step => step.Name).ToList();
        var verdict = Ok ? $"all {Planned} steps are ok"
            : others.Count == 0 ? $"{Steps.Count} of {Planned} steps are ok so far"
            : $"{others.Count} of {Planned} steps are not ok{(Steps.Count < Planned ? " so far" : "")}: {string.Join(", ", others)}";
        return string.Create(CultureInfo.InvariantCulture, $"result: {verdict} ({Seconds:0} s)\n");
    }

    private static string Indented(string text, int by) => text.Replace("\n", "\n" + new string(' ', by), StringComparison.Ordinal);

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".part", text);
        File.Move(path + ".part", path, overwrite: true);
    }

    private static JsonSerializerOptions Options(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = indented,
    };
}
