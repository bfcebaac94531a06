using System.Text.Json.Serialization;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Core.Runs;

/// <summary>
/// A row of <c>checkpoints</c>: published, so complete and verified. A trainer offers its checkpoint as the row that it is to have; run, attempt and times
/// are those of the fence that writes it.
/// </summary>
public sealed record CheckpointRecord
{
    public Guid RunId { get; init; }
    public long Step { get; init; }
    public int Attempt { get; init; }
    /// <summary>Completed epochs.</summary>
    public int Epoch { get; init; }
    /// <summary>Of the keys of its objects, <c>runs/RUN/checkpoints/STEP-aATTEMPT</c>.</summary>
    public string Prefix { get; init; } = "";
    /// <summary>Of <c>weights.safetensors</c>.</summary>
    public string WeightsSha256 { get; init; } = "";
    public string ManifestSha256 { get; init; } = "";
    /// <summary>Of all its objects that are kept.</summary>
    public long Bytes { get; init; }
    /// <summary>Of these the optimizer's state; 0: it has none, or none any more; null: written before this was recorded.</summary>
    public long? OptimizerBytes { get; init; }
    /// <summary>
    /// Whether a run can go on from it. Of one that cannot the optimizer's state is no longer kept, and the weights are as good as ever.
    /// </summary>
    public bool Resumable { get; init; } = true;
    /// <summary>
    /// The best of the run by the configured metric; of an offer, the best so far: only one at the end of an epoch, after validation, can be.
    /// </summary>
    public bool Best { get; init; }
    /// <summary>The newest of the run.</summary>
    public bool Last { get; init; }
    /// <summary>A resume found its objects damaged.</summary>
    public bool Damaged { get; init; }
    /// <summary>JSON object of the validation metrics at this step; empty between epochs.</summary>
    public string Metrics { get; init; } = "{}";
    public DateTime PublishedAt { get; init; }

    [JsonIgnore]
    public CheckpointReference Reference => new(Prefix, ManifestSha256, Epoch, Step);
}
