using System.Globalization;
using Spectre.Console;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>Tables for <see cref="Terminal.Write"/>.</summary>
internal static class Tables
{
    public static Table Create(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column) { NoWrap = column is "ID" });
        return table;
    }

    public static string Score(IReadOnlyDictionary<string, double> metrics, string name) =>
        metrics.TryGetValue(name, out var value) ? value.ToString("0.0000", CultureInfo.InvariantCulture) : "";

    public static string Time(DateTime? utc) => utc?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";
}
