namespace ChangeDetection.Dashboard.Live;

/// <summary>What a page shows.</summary>
/// <param name="Value">As it was read last.</param>
/// <param name="ReadAt">When that was.</param>
/// <param name="Problem">Why it could not be read again since; null while all is well.</param>
public sealed record Snapshot<T>(T Value, DateTimeOffset ReadAt, string? Problem = null);
