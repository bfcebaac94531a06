using System.Diagnostics;

namespace ChangeDetection.Imaging.Tests.Rasters;

/// <summary>GDAL's programs, where this machine has them.</summary>
internal static class Gdal
{
    /// <summary>Skips the test where there is none.</summary>
    public static string FindOrSkip(string program)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"There is no {program} on PATH (Debian's package gdal-bin).");
        return path;
    }

    /// <param name="program">As it was found.</param>
    /// <returns>Whether it has ended well, and its output, or the errors where it has not.</returns>
    public static async Task<(bool Done, string Output)> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await Task.WhenAll(errors, process.WaitForExitAsync());
        return process.ExitCode == 0 ? (true, output) : (false, await errors);
    }
}
