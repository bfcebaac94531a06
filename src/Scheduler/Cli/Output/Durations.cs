namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>Durations for people.</summary>
internal static class Durations
{
    /// <summary>Two units at most: <c>42 s</c>, <c>3 min 20 s</c>, <c>5 h 12 min</c>.</summary>
    public static string Short(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => $"{(int)span.TotalSeconds} s",
        { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
        _ => $"{(int)span.TotalHours} h {span.Minutes} min",
    };
}
