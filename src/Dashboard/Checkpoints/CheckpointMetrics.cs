using System.Text.Json;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Checkpoints;

/// <summary>The metrics that a checkpoint's row carries as JSON.</summary>
public static class CheckpointMetrics
{
    /// <summary>Null where the checkpoint was written between validations.</summary>
    public static double? Value(CheckpointRecord checkpoint, string name)
    {
        using var metrics = JsonDocument.Parse(checkpoint.Metrics);
        return metrics.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number ? value.GetDouble() : null;
    }
}
