using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>A file system in memory of a few bytes, mounted for one test; the test is skipped, with a reason, where mounting is not allowed.</summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk MountOrSkip(string path, long bytes)
    {
        Directory.CreateDirectory(path);
        if (Run("mount", "-t", "tmpfs", "-o", Size(bytes), "tmpfs", path) is var code and not 0)
            Assert.Skip($"This account may not mount a small file system (mount: {code}).");
        return new SmallDisk(path);
    }

    /// <summary>Makes it larger or smaller; what is on it stays.</summary>
    public void Resize(long bytes)
    {
        if (Run("mount", "-o", $"remount,{Size(bytes)}", Path) is var code and not 0)
            throw new InvalidOperationException($"The small disk could not be resized (mount: {code}).");
    }

    public void Dispose() => Run("umount", "--lazy", Path);

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"size={bytes}");

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
