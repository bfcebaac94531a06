namespace ChangeDetection.Core.Configuration;

/// <summary>What somebody else has published for a network, to stand beside our own in a table. Shares of 1; null where they give none.</summary>
public sealed record PublishedScores
{
    public required string Model { get; init; }
    /// <summary>Who published it, and where.</summary>
    public required string Source { get; init; }
    public double? Precision { get; init; }
    public double? Recall { get; init; }
    public double? F1 { get; init; }
    public double? Iou { get; init; }
    public double? Accuracy { get; init; }
    public double? Kappa { get; init; }
}
