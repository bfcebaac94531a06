namespace ChangeDetection.Datasets.Shards;

/// <summary>Which values a channel's valid pixels have, in the units of the stored pixels.</summary>
/// <param name="Minimum">The smallest.</param>
/// <param name="Low">The 2nd percentile.</param>
/// <param name="High">The 98th percentile.</param>
/// <param name="Maximum">The largest.</param>
public sealed record BandRange(double Minimum, double Low, double High, double Maximum);
