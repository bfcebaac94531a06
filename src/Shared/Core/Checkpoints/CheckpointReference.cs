using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Checkpoints;

/// <summary>
/// A published checkpoint: the prefix its objects stand under in the object store
/// (<c>PREFIX/weights.safetensors</c>, <c>PREFIX/optimizer.safetensors</c>, <c>PREFIX/manifest.json</c>)
/// and the SHA-256 of its manifest, which holds those of the rest.
/// </summary>
public sealed record CheckpointReference(string Prefix, string ManifestSha256, int Epoch, long Step)
{
    /// <summary>The optimizer's state is no longer kept: to compute with, not to go on from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WeightsOnly { get; init; }
}
