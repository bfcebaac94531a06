using System.Globalization;
using ChangeDetection.Core.Runs;

namespace ChangeDetection.Dashboard.Layout;

/// <summary>Numbers and times as people read them; always the invariant culture, times UTC.</summary>
public static class DisplayFormat
{
    /// <summary>What stands where there is nothing to say.</summary>
    public const string Nothing = "–";

    private static readonly string[] s_byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string State(RunState state) => state.ToString().ToLowerInvariant();

    /// <summary>A score or loss: four significant decimals, as tables show it.</summary>
    public static string Score(double? value) => value switch
    {
        null => Nothing,
        _ when double.IsNaN(value.Value) => "NaN",
        0 => "0",
        _ when Math.Abs(value.Value) is < 0.001 or >= 10_000 => value.Value.ToString("0.###e0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    /// <summary>Rounded down: 100 % is finished, not nearly.</summary>
    public static string Percent(double fraction) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Clamp(fraction, 0, 1) * 100):0} %");

    public static string Count(long? value) => value?.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202F') ?? Nothing;

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => Nothing,
        < 10 => perSecond.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => perSecond.Value.ToString("0", CultureInfo.InvariantCulture),
    };

    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        for (; value >= 1024 && unit < s_byteUnits.Length - 1; unit++)
            value /= 1024;
        var format = unit == 0 || value >= 100 ? "0" : "0.0";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {s_byteUnits[unit]}";
    }

    /// <summary>Seconds in the two largest units that tell something: <c>2 h 05 min</c>.</summary>
    public static string Duration(double? seconds)
    {
        if (seconds is not { } value || double.IsNaN(value))
            return Nothing;
        var span = TimeSpan.FromSeconds(Math.Clamp(Math.Round(value), 0, TimeSpan.FromDays(9999).TotalSeconds));
        return span switch
        {
            { TotalSeconds: < 60 } => $"{span.Seconds} s",
            { TotalMinutes: < 60 } => $"{span.Minutes} min {span.Seconds:00} s",
            { TotalHours: < 24 } => $"{span.Hours} h {span.Minutes:00} min",
            _ => $"{span.Days} d {span.Hours:00} h",
        };
    }

    /// <summary>How long ago, coarsely: text that changes every second would never rest.</summary>
    public static string Ago(TimeSpan age) => age switch
    {
        { TotalSeconds: < 10 } => "just now",
        { TotalMinutes: < 1 } => $"{(int)age.TotalSeconds / 10 * 10} s ago",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} min ago",
        { TotalDays: < 1 } => $"{(int)age.TotalHours} h ago",
        _ => $"{(int)age.TotalDays} d ago",
    };

    /// <summary>The end of an id, enough to tell runs apart: a UUIDv7 starts with the time, which neighbours share.</summary>
    public static string Short(Guid id) => id.ToString("N")[^8..];

    public static string Plural(long count, string one, string? many = null) => count == 1 ? $"1 {one}" : $"{Count(count)} {many ?? one + "s"}";
}
