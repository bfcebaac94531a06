using System.Diagnostics;
using Xunit;

namespace ChangeDetection.TestKit;

/// <summary>A Python that has PyTorch, such as Debian's with the package <c>python3-torch</c>: the other side of the format.</summary>
public static class PyTorchPython
{
    private static readonly Lazy<string?> s_python = new(() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin")
        .Select(folder => Path.Combine(folder, "python3")).Distinct().Where(File.Exists).FirstOrDefault(HasTorch));

    /// <summary>Runs a script; skips the test where there is no such Python.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunOrSkipAsync(string script, params string[] arguments)
    {
        var python = s_python.Value;
        if (python is null)
            Assert.Skip("There is no python3 with PyTorch; Debian's package is python3-torch.");
        using var process = Process.Start(Start(python, ["-c", script, .. arguments]))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }

    /// <summary>Looks for the package alone: importing it takes a second.</summary>
    private static bool HasTorch(string python)
    {
        using var process = Process.Start(Start(python, ["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"]))!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static ProcessStartInfo Start(string python, IEnumerable<string> arguments) =>
        new(python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
}
