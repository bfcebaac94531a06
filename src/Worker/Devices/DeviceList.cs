using System.Text.Json;
using ChangeDetection.Worker.Slots;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Devices;

/// <summary>The verb <c>devices</c>, by which a worker asks a child process what libtorch sees on this machine.</summary>
public static class DeviceList
{
    /// <summary>Prints a slot per GPU, or one for the CPU where there is none, as JSON.</summary>
    public static int Print()
    {
        var count = cuda.is_available() ? cuda.device_count() : 0;
        Slot[] slots = count > 0
            ? [.. Enumerable.Range(0, count).Select(index => new Slot($"cuda:{index}", GpuName.Of(index)))]
            : [new Slot("cpu", CpuName.OfThisMachine())];
        Console.WriteLine(JsonSerializer.Serialize(slots));
        return 0;
    }
}
