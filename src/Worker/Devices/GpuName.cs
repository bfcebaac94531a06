namespace ChangeDetection.Worker.Devices;

/// <summary>The model name of a GPU, which decides the bits of its results.</summary>
internal static class GpuName
{
    private const string DriverFolder = "/proc/driver/nvidia/gpus";
    private const string ModelLine = "Model:";

    /// <summary>How many GPUs the driver knows on this machine.</summary>
    public static int Known() => Directory.Exists(DriverFolder) ? Directory.EnumerateDirectories(DriverFolder).Count() : 0;

    /// <summary>As the driver names it, such as <c>NVIDIA A100-SXM4-40GB</c>; <c>cuda</c> where it gives no name.</summary>
    /// <param name="index">Among those that this process sees.</param>
    public static string Of(int index)
    {
        // A trainer sees one GPU, as number 0; the driver numbers all of the machine.
        var visible = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")?.Split(',');
        if (visible is not null && index < visible.Length && int.TryParse(visible[index], out var physical))
            index = physical;
        if (!Directory.Exists(DriverFolder))
            return "cuda";
        var folders = Directory.EnumerateDirectories(DriverFolder).Order(StringComparer.Ordinal).ToList();
        var model = folders.Count == 0 ? null : File.ReadLines(Path.Combine(folders[Math.Min(index, folders.Count - 1)], "information"))
            .FirstOrDefault(line => line.StartsWith(ModelLine, StringComparison.Ordinal));
        return model is null ? "cuda" : model[ModelLine.Length..].Trim();
    }
}
