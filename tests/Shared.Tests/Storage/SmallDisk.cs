using System.Diagnostics;

namespace ChangeDetection.Tests.Storage;

/// <summary>A file system in memory of a few bytes, mounted for one test; the test is skipped, with a reason, where mounting is not allowed.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk MountOrSkip(string path, int bytes)
    {
        Directory.CreateDirectory(path);
        if (Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", path) is var code and not 0)
            Assert.Skip($"This account may not mount a small file system (mount: {code}).");
        return new SmallDisk(path);
    }

    public void Dispose() => Run("umount", Path);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
