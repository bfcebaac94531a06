using System.Text.Json;
using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Layout;

namespace ChangeDetection.Dashboard.Pictures;

/// <summary>What stands under a picture: its name, and its numbers.</summary>
public static class PictureCaption
{
    public static string Of(ArtifactRecord picture)
    {
        using var metrics = JsonDocument.Parse(picture.Metrics);
        var numbers = metrics.RootElement.EnumerateObject()
            .Where(metric => metric.Value.ValueKind is JsonValueKind.Number)
            .Select(metric => $"{metric.Name.Split('/')[^1]} {DisplayFormat.Score(metric.Value.GetDouble())}");
        return string.Join(" · ", numbers.Prepend(Path.GetFileNameWithoutExtension(picture.Name)));
    }
}
