using System.Diagnostics;

namespace ChangeDetection.Tests;

/// <summary>The machine's own Python, with nothing but its standard library: another program that reads and writes our formats.</summary>
internal static class Python
{
    /// <summary>Runs a script; skips the test where there is no Python.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunOrSkipAsync(params string[] arguments)
    {
        var python = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(path => Path.Combine(path, "python3")).FirstOrDefault(File.Exists);
        if (python is null)
            Assert.Skip("There is no python3 on PATH.");
        using var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }
}
