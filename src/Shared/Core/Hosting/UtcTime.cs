using System.Globalization;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// How a moment is shown to people, everywhere: in UTC, and with its zone. Workers, scheduler and the reader's own machine may stand in different zones,
/// and their logs are read side by side.
/// </summary>
public static class UtcTime
{
    /// <summary>Begins a line of a program's log.</summary>
    public const string LogFormat = "yyyy-MM-dd HH:mm:ss 'UTC' ";

    /// <summary>Such as <c>2026-11-29 22:26:39 UTC</c>.</summary>
    public static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The time of a day that is told elsewhere: <c>22:26:39 UTC</c>.</summary>
    public static string OfDay(DateTime utc) => utc.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
