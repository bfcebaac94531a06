using System.Globalization;
using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>A memory cgroup of a test's own, in which the kernel kills what takes more than the limit. Processes in it are to end before it does.</summary>
public sealed class MemoryLimit : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly string _folder;

    private MemoryLimit(string folder) => _folder = folder;

    /// <summary>Makes one; skips the test, with the reason, where that is not allowed.</summary>
    public static MemoryLimit OrSkip(long bytes)
    {
        const string version1 = "/sys/fs/cgroup/memory";
        const string version2 = "/sys/fs/cgroup";
        var folder = Path.Combine(Directory.Exists(version1) ? version1 : version2, $"changedetection-test-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            var limit = bytes.ToString(CultureInfo.InvariantCulture);
            // Version 1 first the memory, then memory and swap together; version 2 the memory, and no swap.
            var (memory, swap, swapLimit) = Directory.Exists(version1)
                ? ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", limit) : ("memory.max", "memory.swap.max", "0");
            File.WriteAllText(Path.Combine(folder, memory), limit);
            if (File.Exists(Path.Combine(folder, swap)))
                File.WriteAllText(Path.Combine(folder, swap), swapLimit);
            return new MemoryLimit(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder);
            Assert.Skip($"This machine lets nobody make a memory cgroup here: {exception.Message}");
            throw;
        }
    }

    /// <summary>Moves a process in. What it and its children take from now on counts; what it had does not.</summary>
    public void Add(int pid) => File.WriteAllText(Path.Combine(_folder, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        // A process that was just killed leaves its group a moment later.
        var start = TimeProvider.System.GetTimestamp();
        while (File.ReadAllText(Path.Combine(_folder, "cgroup.procs")).Length > 0 && TimeProvider.System.GetElapsedTime(start) < s_patience)
            Thread.Yield();
        Directory.Delete(_folder);
    }
}
