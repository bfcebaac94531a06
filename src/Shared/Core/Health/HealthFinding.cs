using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Health;

/// <summary>How a check of a machine came out.</summary>
public enum HealthState
{
    Ok,
    /// <summary>It works, and something about it will be trouble.</summary>
    Warning,
    Failed,
    /// <summary>Not looked at; the finding says why.</summary>
    Skipped,
}

/// <summary>What one check of a machine found.</summary>
/// <param name="Name">What was checked: <c>device cpu</c>, <c>store</c>.</param>
/// <param name="Seen">What was seen, in one line; of a check that was skipped, why.</param>
public sealed record HealthFinding(string Name, HealthState State, string Seen)
{
    /// <summary>What is wrong; null where nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>What to do about it; null where nothing is wrong.</summary>
    public string? Remedy { get; init; }

    /// <summary>How long the check took.</summary>
    public double Seconds { get; init; }

    /// <summary>The problem and the remedy in one text, for a row.</summary>
    [JsonIgnore]
    public string Trouble => $"{Name}: {Problem} {Remedy}".TrimEnd();

    public static HealthFinding Good(string name, string seen) => new(name, HealthState.Ok, seen);

    public static HealthFinding Skipped(string name, string why) => new(name, HealthState.Skipped, why);

    public static HealthFinding Warning(string name, string seen, string problem, string remedy) =>
        new(name, HealthState.Warning, seen) { Problem = problem, Remedy = remedy };

    public static HealthFinding Failure(string name, string seen, string problem, string remedy) =>
        new(name, HealthState.Failed, seen) { Problem = problem, Remedy = remedy };
}
