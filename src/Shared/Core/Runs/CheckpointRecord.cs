using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Core.Runs;

/// <summary>A row of <c>checkpoints</c>: published, so complete and verified.</summary>
public sealed record CheckpointRecord
{
    public Guid RunId { get; init; }
    public long Step { get; init; }
    public int Attempt { get; init; }
    public int Epoch { get; init; }
    public string Prefix { get; init; } = "";
    public string WeightsSha256 { get; init; } = "";
    public string ManifestSha256 { get; init; } = "";
    public long Bytes { get; init; }
    /// <summary>The best of the run by the configured metric.</summary>
    public bool Best { get; init; }
    /// <summary>The newest of the run.</summary>
    public bool Last { get; init; }
    /// <summary>A resume found its objects damaged.</summary>
    public bool Damaged { get; init; }
    /// <summary>JSON object of the validation metrics at this step.</summary>
    public string Metrics { get; init; } = "{}";
    public DateTime PublishedAt { get; init; }

    public CheckpointReference Reference => new(Prefix, ManifestSha256, Epoch, Step);
}
