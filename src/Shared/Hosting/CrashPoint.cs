using System.Globalization;
using System.Runtime.InteropServices;

namespace ChangeDetection.Hosting;

/// <summary>
/// Named places where a test can have a process kill itself as <c>kill -9</c> would: no handler, no finally, no flush.
/// The environment variable <c>CHANGEDETECTION_CRASH_POINT=NAME[:COUNT]</c> picks one, and on which passing (the first unless said).
/// </summary>
public static partial class CrashPoint
{
    public const string Variable = "CHANGEDETECTION_CRASH_POINT";

    private const int SigKill = 9;
    private static readonly (string Name, int Count)? s_chosen = Parse(Environment.GetEnvironmentVariable(Variable));
    private static int s_passed;

    /// <summary>Ends this process here, if this is the chosen point and the chosen passing; else does nothing.</summary>
    public static void Reach(string name)
    {
        if (s_chosen is not { } chosen || chosen.Name != name || Interlocked.Increment(ref s_passed) != chosen.Count)
            return;
        _ = Kill(Environment.ProcessId, SigKill);
        new ManualResetEvent(false).WaitOne(); // The signal ends this thread as all others.
    }

    private static (string Name, int Count)? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var parts = text.Split(':');
        return (parts[0], parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
