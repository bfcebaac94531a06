using System.Globalization;
using ChangeDetection.Hosting;

namespace ChangeDetection.Worker.Jobs;

/// <summary>The environment of a trainer process.</summary>
public static class TrainerEnvironment
{
    /// <summary>
    /// Buffers of a training step are tens of megabytes. glibc gives such memory back to the system at every step and faults it in again;
    /// told to keep it, a step is 10 to 25 % faster. The values are bytes; 2 GiB − 1 is the largest mallopt takes.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Allocator { get; } = new Dictionary<string, string>
    {
        ["MALLOC_TOP_PAD_"] = (64 << 20).ToString(CultureInfo.InvariantCulture),
        ["MALLOC_MMAP_THRESHOLD_"] = int.MaxValue.ToString(CultureInfo.InvariantCulture),
        ["MALLOC_TRIM_THRESHOLD_"] = int.MaxValue.ToString(CultureInfo.InvariantCulture),
    };

    public static void Apply(IDictionary<string, string?> environment, int threads, Slot slot)
    {
        // A trainer writes through its worker. What it does not have, it cannot leak.
        foreach (var name in environment.Keys.Where(IsSecret).ToList())
            environment.Remove(name);
        // Its pipe is the protocol's, and it watches that itself.
        environment.Remove(Lifeline.Variable);
        foreach (var (name, value) in Allocator)
            environment[name] = value;
        var count = threads.ToString(CultureInfo.InvariantCulture);
        environment["OMP_NUM_THREADS"] = count;
        environment["MKL_NUM_THREADS"] = count;
        // The managed side reads and decodes beside the compute threads; its heap stays small and is given back.
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_GCConserveMemory"] = "5";
        environment["CUDA_VISIBLE_DEVICES"] = slot.CudaIndex?.ToString(CultureInfo.InvariantCulture) ?? "";
        // cuBLAS is deterministic only with a workspace of its own (NVIDIA's cuBLAS documentation, "Results reproducibility").
        environment["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8";
    }

    private static bool IsSecret(string name) =>
        name.Equals("CHANGEDETECTION_DATABASE", StringComparison.OrdinalIgnoreCase) || name.StartsWith("PG", StringComparison.Ordinal);
}
