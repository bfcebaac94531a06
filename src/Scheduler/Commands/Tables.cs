using System.Globalization;
using Spectre.Console;

namespace ChangeDetection.Scheduler.Commands;

/// <summary>Tables on a terminal; wide enough for whole ids where output goes to a file or a pipe.</summary>
internal static class Tables
{
    private const int PipeWidth = 240;

    public static Table Create(params string[] columns)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = PipeWidth;
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column) { NoWrap = column is "ID" });
        return table;
    }

    public static string Score(IReadOnlyDictionary<string, double> metrics, string name) =>
        metrics.TryGetValue(name, out var value) ? value.ToString("0.0000", CultureInfo.InvariantCulture) : "";

    public static string Time(DateTime? utc) => utc?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "";
}
