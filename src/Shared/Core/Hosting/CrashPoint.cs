using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ChangeDetection.Core.Hosting;

/// <summary>
/// Named places (<see cref="CrashPoints"/>) where a test can make this process die as from kill -9. <c>CHANGEDETECTION_CRASH_POINT=NAME[:COUNT]</c> kills
/// every process that reaches the place for the COUNT-th time (the first, by default). <c>CHANGEDETECTION_CRASH_POINT=/FOLDER</c> arms the places that
/// files in the folder are named after, each holding its count or nothing: whoever dies takes the file along, so that a process started in its stead goes on.
/// Without the variable a place costs one comparison.
/// </summary>
public static class CrashPoint
{
    public const string Variable = "CHANGEDETECTION_CRASH_POINT";

    private static readonly string? s_setting = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } setting ? setting : null;
    private static readonly ConcurrentDictionary<string, int> s_reached = new(StringComparer.Ordinal);

    /// <summary>Dies here if the place is armed.</summary>
    public static void Reach(string name)
    {
        if (s_setting is null || !IsDue(s_setting, name, s_reached))
            return;
        // SIGKILL: no finally, no flush, no exit handler runs.
        Process.GetCurrentProcess().Kill();
    }

    /// <summary>Counts the place as reached once more, and says whether it is time to die.</summary>
    /// <exception cref="FormatException">The count is not a positive number.</exception>
    internal static bool IsDue(string setting, string name, ConcurrentDictionary<string, int> reached)
    {
        if (!Path.IsPathRooted(setting))
        {
            var (armed, count) = Parse(setting);
            return name == armed && Count(name, reached) == count;
        }
        var file = Path.Combine(setting, name);
        return File.Exists(file) && Count(name, reached) >= CountIn(file) && TakeAlong(file);
    }

    /// <exception cref="FormatException">The count is not a positive number.</exception>
    internal static (string Name, int Count) Parse(string setting)
    {
        var colon = setting.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (setting, 1) : (setting[..colon], Positive(setting.AsSpan(colon + 1), setting));
    }

    private static int Count(string name, ConcurrentDictionary<string, int> reached) => reached.AddOrUpdate(name, 1, (_, times) => times + 1);

    private static int CountIn(string file)
    {
        try
        {
            return File.ReadAllText(file) is { Length: > 0 } text ? Positive(text, file) : 1;
        }
        catch (FileNotFoundException)
        {
            // Another process died of it since; it will not be there to be taken along either.
            return 1;
        }
    }

    /// <summary>One of all processes that reach an armed place at once gets the file.</summary>
    private static bool TakeAlong(string file)
    {
        try
        {
            File.Move(file, $"{file}.{Environment.ProcessId}");
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static int Positive(ReadOnlySpan<char> digits, string setting) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new FormatException(
                $"{Variable}: '{setting}' has a count that is no whole number from 1 on. Write NAME, NAME:COUNT, or a folder of files of that name.");
}
