namespace ChangeDetection.Configuration;

/// <summary>The learning-rate schedules a config may name.</summary>
public static class ScheduleNames
{
    /// <summary>lr · gamma^epoch.</summary>
    public const string Exponential = "exponential";
    public const string Constant = "constant";

    public static IReadOnlyList<string> All { get; } = [Exponential, Constant];
}
