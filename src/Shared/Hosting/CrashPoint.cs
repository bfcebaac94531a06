using System.Diagnostics;
using System.Globalization;

namespace ChangeDetection.Hosting;

/// <summary>
/// Named places where a test can make this process die as from kill -9: <c>CHANGEDETECTION_CRASH_POINT=NAME[:COUNT]</c> kills it the COUNT-th
/// time (the first, by default) that the place is reached. Without the variable a place costs one comparison.
/// </summary>
public static class CrashPoint
{
    public const string Variable = "CHANGEDETECTION_CRASH_POINT";

    private static readonly (string? Name, int Count) s_armed = Parse(Environment.GetEnvironmentVariable(Variable));
    private static int s_reached;

    public static void Reach(string name)
    {
        if (s_armed.Name is null || name != s_armed.Name || Interlocked.Increment(ref s_reached) != s_armed.Count)
            return;
        // SIGKILL: no finally, no flush, no exit handler runs.
        Process.GetCurrentProcess().Kill();
    }

    /// <exception cref="FormatException">The count is not a positive number.</exception>
    internal static (string? Name, int Count) Parse(string? setting)
    {
        if (string.IsNullOrEmpty(setting))
            return (null, 0);
        var colon = setting.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return (setting, 1);
        return int.TryParse(setting.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? (setting[..colon], count)
            : throw new FormatException($"{Variable} is '{setting}'; write NAME or NAME:COUNT with a count from 1 on.");
    }
}
