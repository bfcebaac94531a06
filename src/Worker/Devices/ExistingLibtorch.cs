using System.Runtime.InteropServices;

namespace ChangeDetection.Worker.Devices;

/// <summary>
/// A libtorch that is on the machine already, such as a Python installation's <c>torch/lib</c>, instead of the one built along
/// (<c>-p:Libtorch=none</c>). Loaded by path before TorchSharp asks for it by name: the system's loader then answers with what is there.
/// </summary>
public static class ExistingLibtorch
{
    public const string Variable = "CHANGEDETECTION_LIBTORCH";

    /// <summary>What others depend on comes first; the CUDA ones are absent in a CPU build.</summary>
    internal static IReadOnlyList<(string Name, bool Required)> Libraries { get; } =
    [
        ("libc10.so", true), ("libtorch_cpu.so", true), ("libc10_cuda.so", false), ("libtorch_cuda.so", false), ("libtorch.so", true),
    ];

    /// <summary>Loads it where the variable names one; call before the first use of TorchSharp.</summary>
    /// <exception cref="DeviceUnavailableException">The folder holds no libtorch, or one that does not load.</exception>
    public static void Load()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            return;
        foreach (var (name, required) in Libraries)
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                if (required)
                    throw new DeviceUnavailableException(
                        $"{Variable} is '{folder}', but there is no {name} in it. Name the folder that holds libtorch's libraries, such as " +
                        "…/site-packages/torch/lib.");
                continue;
            }
            try
            {
                NativeLibrary.Load(path);
            }
            catch (DllNotFoundException exception)
            {
                throw new DeviceUnavailableException($"{Variable}: '{path}' cannot be loaded: {exception.Message}");
            }
        }
    }
}
