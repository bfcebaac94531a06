namespace ChangeDetection.Core.Runs.Datasets;

/// <summary>A data set down to its last byte.</summary>
/// <param name="Uri">Its address, as configs have it.</param>
/// <param name="ManifestSha256">SHA-256 of its <c>dataset.json</c>, lower-case hexadecimal.</param>
public sealed record DatasetReference(Uri Uri, string ManifestSha256);

/// <summary>A row of <c>datasets</c> to be: what was looked at when runs were submitted.</summary>
/// <param name="Name">As its manifest has it.</param>
/// <param name="Summary">JSON: splits, sizes, change fractions and statistics.</param>
public sealed record DatasetRecord(DatasetReference Reference, string Name, string Summary);

/// <summary>A row of <c>datasets</c>. Times are UTC, by the database's clock.</summary>
public sealed record RecordedDataset
{
    public string Uri { get; init; } = "";
    public string ManifestSha256 { get; init; } = "";
    public string Name { get; init; } = "";
    public string Summary { get; init; } = "";
    public DateTime RecordedAt { get; init; }
    /// <summary>When a run was last submitted with it.</summary>
    public DateTime SubmittedAt { get; init; }
    /// <summary>When it was last verified; null: never since it was recorded.</summary>
    public DateTime? VerifiedAt { get; init; }
    /// <summary>JSON of what that found.</summary>
    public string? Verification { get; init; }
    /// <summary>Runs that were submitted with it.</summary>
    public int Runs { get; init; }
}
