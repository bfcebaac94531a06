using System.Diagnostics;

namespace ChangeDetection.Bench;

/// <summary>Runs a measured process to its end.</summary>
internal static class ChildProcessOutput
{
    /// <exception cref="InvalidOperationException">The process did not end well.</exception>
    public static async Task<string> ReadAsync(ProcessStartInfo start)
    {
        using var child = Process.Start(start)!;
        var printed = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return child.ExitCode == 0 ? printed : throw new InvalidOperationException($"The measured process ended with {child.ExitCode}: {printed}");
    }
}
