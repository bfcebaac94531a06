using System.Globalization;

namespace ChangeDetection.Scheduler.Cli.Output;

/// <summary>Bytes for people, in powers of 1024: <c>512 B</c>, <c>3.4 MiB</c>, <c>120 GiB</c>.</summary>
internal static class ByteSize
{
    private static readonly string[] s_units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Short(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < s_units.Length - 1; unit++)
            value /= 1024;
        return $"{value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture)} {s_units[unit]}";
    }
}
