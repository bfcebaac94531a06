using System.Runtime.InteropServices;

namespace ChangeDetection.Worker.Devices;

/// <summary>
/// A device that fails, for tests: while the file is there that <c>CHANGEDETECTION_FAULTY_DEVICE</c> names, whoever opens a device or copies a batch
/// to it fails as it would with a broken GPU; where the file holds <c>crash</c>, it dies as of native code's fault. Without the variable a touch
/// costs one comparison.
/// </summary>
internal static class FaultyDevice
{
    public const string Variable = "CHANGEDETECTION_FAULTY_DEVICE";

    private static readonly string? s_file = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? file : null;

    /// <exception cref="ExternalException">The device is broken: what libtorch throws then.</exception>
    public static void Touch()
    {
        if (s_file is null || !File.Exists(s_file))
            return;
        if (File.ReadAllText(s_file).Trim() == "crash")
            Environment.FailFast($"a device that crashes ({Variable})");
        throw new ExternalException($"CUDA error: unspecified launch failure ({Variable})");
    }
}
