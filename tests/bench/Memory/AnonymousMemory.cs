using System.Globalization;

namespace ChangeDetection.Bench.Memory;

/// <summary>
/// Anonymous resident memory (<c>RssAnon</c>): what a process itself has taken. Files mapped into it, libtorch's and .NET's code among them,
/// do not count; the system can drop those at any time.
/// </summary>
internal static class AnonymousMemory
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The largest value seen of another process until it ended or the sampling was cancelled, in KiB. The kernel keeps no peak of this part.
    /// </summary>
    public static async Task<long> PeakAsync(int pid, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval);
        var peak = 0L;
        try
        {
            while (Kib(pid.ToString(CultureInfo.InvariantCulture)) is { } now)
            {
                peak = Math.Max(peak, now);
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The measured part is over.
        }
        return peak;
    }

    /// <summary>This process's own, in KiB.</summary>
    public static long Own() => Kib("self")!.Value;

    /// <summary>Null once the process has ended.</summary>
    private static long? Kib(string process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
