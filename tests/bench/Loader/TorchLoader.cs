using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ChangeDetection.Bench.Loader;

/// <summary>PyTorch's DataLoader with two worker processes, by a Python that has it.</summary>
internal sealed class TorchLoader(string python)
{
    public const string Name = "torch";
    private const int Workers = 2;
    private const int BatchSize = 16;

    /// <summary>The first Python that imports what is needed; null when none does.</summary>
    public static async Task<TorchLoader?> FindAsync()
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
        {
            try
            {
                using var trial = Process.Start(new ProcessStartInfo(python, ["-c", "import torch, numpy, PIL"]) { RedirectStandardError = true })!;
                await trial.StandardError.ReadToEndAsync();
                await trial.WaitForExitAsync();
                if (trial.ExitCode == 0)
                    return new TorchLoader(python);
            }
            catch (Win32Exception)
            {
                // There is no such program.
            }
        }
        return null;
    }

    public async Task<LoaderFigures> MeasureAsync(string files, int samples)
    {
        string[] numbers = [.. new[] { samples, BatchSize, Workers }.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        var script = Path.Combine(AppContext.BaseDirectory, "torch_loader.py");
        var start = new ProcessStartInfo(python, [script, files, .. numbers]) { RedirectStandardOutput = true };
        return LoaderFigures.Parse(await ChildProcessOutput.ReadAsync(start));
    }
}
