using System.Text.Json;

namespace ChangeDetection.Core.Configuration;

/// <summary>A key that takes several values: a run for each, and for each combination with the other axes.</summary>
public sealed record MatrixAxis
{
    /// <summary>Dotted, as in <c>--set</c>: <c>model.name</c>.</summary>
    public required string Key { get; init; }
    /// <summary>Each as JSON.</summary>
    public ValueList<string> Values { get; init; } = [];

    /// <summary>A value as people write it, without quotes.</summary>
    internal static string Word(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ToString();
    }
}
