using System.ComponentModel;
using System.Diagnostics;

namespace ChangeDetection.Worker.Devices;

/// <summary>Names of GPUs, for people: TorchSharp does not tell them, the driver's own tool does.</summary>
public static class GpuNames
{
    public static string Of(int index)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader", $"--id={index}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            var name = process?.StandardOutput.ReadToEnd().Trim();
            return string.IsNullOrEmpty(name) || process?.WaitForExit(5000) != true || process.ExitCode != 0 ? $"GPU {index}" : name;
        }
        catch (Win32Exception)
        {
            return $"GPU {index}";
        }
    }
}
