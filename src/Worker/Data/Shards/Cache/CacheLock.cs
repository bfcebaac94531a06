namespace ChangeDetection.Worker.Data.Shards.Cache;

/// <summary>
/// A lock between processes: an exclusive lock on a file, which the kernel takes back when its holder dies. The file itself is never deleted, so
/// that no two can hold different files of one name.
/// </summary>
internal static class CacheLock
{
    private const int WouldBlock = 11;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for the lock; null when it was not to be had for so long.</summary>
    public static async Task<IDisposable?> TakeAsync(string path, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            if (TryOpen(path, FileMode.OpenOrCreate) is { } held)
                return held;
            if (time.GetElapsedTime(start) >= patience)
                return null;
            await Task.Delay(s_poll, time, cancellationToken);
        }
    }

    /// <summary>Opens a file for this process alone; null when another one has it open.</summary>
    /// <exception cref="FileNotFoundException">There is none, and the mode makes none.</exception>
    public static IDisposable? TryOpen(string path, FileMode mode)
    {
        try
        {
            return File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            return null;
        }
    }

    /// <summary>What .NET makes of EWOULDBLOCK from flock.</summary>
    public static bool IsHeld(IOException exception) => exception.HResult == WouldBlock;
}
