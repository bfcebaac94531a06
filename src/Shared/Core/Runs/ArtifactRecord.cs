namespace ChangeDetection.Core.Runs;

/// <summary>
/// A row of <c>artifacts</c>: a stored file of a run, such as a sample's picture. A trainer offers a file as the row that it is to have; run, attempt and
/// time are those of the fence that writes it.
/// </summary>
public sealed record ArtifactRecord
{
    public Guid RunId { get; init; }
    public string Name { get; init; } = "";
    public int Attempt { get; init; }
    public string ObjectKey { get; init; } = "";
    public string ContentType { get; init; } = "";
    public long Bytes { get; init; }
    public string Sha256 { get; init; } = "";
    /// <summary>JSON object of numbers about it.</summary>
    public string Metrics { get; init; } = "{}";
    public DateTime CreatedAt { get; init; }
}
