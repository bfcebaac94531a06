using System.Text.Json;

namespace ChangeDetection.Dashboard.Runs;

/// <summary>An attempt's numerics (libtorch, threads, instruction set, device) in one line.</summary>
public static class NumericsText
{
    /// <param name="json">An object of strings and numbers; null while the trainer has not said.</param>
    public static string Of(string? json)
    {
        if (json is null)
            return "";
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind is JsonValueKind.Object
            ? string.Join(" · ", document.RootElement.EnumerateObject().Select(property => property.Name.ToLowerInvariant() switch
            {
                "threads" => $"{property.Value} threads",
                "libtorch" => $"libtorch {property.Value}",
                _ => property.Value.ToString(),
            }))
            : json;
    }
}
