using System.Diagnostics;
using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>A Python of the machine: another program that reads and writes our formats, and reckons our figures.</summary>
public static class Python
{
    /// <summary>Runs a script with nothing but the standard library; skips the test where there is no Python.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunOrSkipAsync(params string[] arguments)
    {
        if (Interpreters().FirstOrDefault() is not { } python)
        {
            Assert.Skip("There is no python3 on PATH.");
            return "";
        }
        var (code, output, errors) = await RunAsync(python, arguments);
        Assert.True(code == 0, errors);
        return output;
    }

    /// <summary>The same by the first Python that has a module: a distribution's packages are its own Python's alone.</summary>
    /// <param name="package">What brings the module, on Debian.</param>
    public static async Task<string> RunWithOrSkipAsync(string module, string package, params string[] arguments)
    {
        foreach (var python in Interpreters())
        {
            if ((await RunAsync(python, ["-c", $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"])).Code != 0)
                continue;
            var (code, output, errors) = await RunAsync(python, arguments);
            Assert.True(code == 0, errors);
            return output;
        }
        Assert.Skip($"No python3 on PATH has the module {module}; on Debian: apt-get install {package}.");
        return "";
    }

    private static IEnumerable<string> Interpreters() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(path => Path.Combine(path, "python3")).Where(File.Exists);

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string python, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
