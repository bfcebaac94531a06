using System.Globalization;
using ChangeDetection.Core.Hosting;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>How cells of tables, and lines beside them, are written.</summary>
internal static class Tables
{
    public static string Score(IReadOnlyDictionary<string, double> metrics, string name) =>
        metrics.TryGetValue(name, out var value) ? value.ToString("0.0000", CultureInfo.InvariantCulture) : "";

    public static string Time(DateTime? utc) => utc is { } at ? UtcTime.Text(at) : "";
}
