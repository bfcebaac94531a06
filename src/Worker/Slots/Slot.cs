using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Worker.Slots;

/// <summary>A device that one trainer at a time may use.</summary>
/// <param name="Name"><c>cpu</c>, <c>cpu:1</c> or <c>cuda:0</c>.</param>
/// <param name="DeviceName">For people.</param>
public sealed record Slot(string Name, string DeviceName)
{
    /// <summary>Index of the GPU on this machine; null for a CPU slot.</summary>
    public int? CudaIndex => Name.StartsWith("cuda:", StringComparison.Ordinal)
        ? int.Parse(Name.AsSpan("cuda:".Length), System.Globalization.CultureInfo.InvariantCulture)
        : null;

    public DeviceClass Device => CudaIndex is null ? DeviceClass.Cpu : DeviceClass.Gpu;

    /// <summary>The device by the name the trainer knows it under: it sees one GPU at most.</summary>
    public string TrainerDevice => CudaIndex is null ? "cpu" : "cuda:0";
}
