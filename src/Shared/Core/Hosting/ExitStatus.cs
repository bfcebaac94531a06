namespace ChangeDetection.Core.Hosting;

/// <summary>Exit codes as people read them.</summary>
public static class ExitStatus
{
    private const int FirstSignal = 128;

    /// <summary>How a process ended: <c>ended with exit code 1</c>, <c>was killed (SIGKILL)</c>.</summary>
    public static string Describe(int code) => (code - FirstSignal) switch
    {
        4 => "crashed (SIGILL)",
        6 => "aborted (SIGABRT)",
        7 => "crashed (SIGBUS)",
        8 => "crashed (SIGFPE)",
        9 => "was killed (SIGKILL)",
        11 => "crashed (SIGSEGV)",
        15 => "was asked to end (SIGTERM)",
        > 0 and < 65 and var signal => $"was ended by signal {signal}",
        _ => $"ended with exit code {code}",
    };
}
