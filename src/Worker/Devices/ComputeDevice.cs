using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Worker.Data.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Devices;

/// <summary>
/// Images and masks of a batch on the device: [N, C, H, W] twice, channels-last, and [N, H, W] with 1 for change, or the number of the class.
/// </summary>
/// <param name="Labelled">[N, H, W] of bool: which pixels have a label; null where all have. <paramref name="Changed"/> is 0 at the others.</param>
public readonly record struct DeviceBatch(Tensor Before, Tensor After, Tensor Changed, Tensor? Labelled)
{
    /// <summary>Some of its samples.</summary>
    public DeviceBatch Rows(int from, int count) =>
        new(Before.narrow(0, from, count), After.narrow(0, from, count), Changed.narrow(0, from, count), Labelled?.narrow(0, from, count));
}

/// <summary>What an attempt computes on. Opening one sets the process's thread count and determinism.</summary>
public sealed class ComputeDevice
{
    private static bool s_interopThreadsSet;

    private ComputeDevice(Device device, Numerics numerics)
    {
        Torch = device;
        Numerics = numerics;
    }

    public Device Torch { get; }

    public Numerics Numerics { get; }

    /// <param name="name"><c>cpu</c> or <c>cuda:0</c>.</param>
    /// <param name="threads">Compute threads of the process; another count gives other bits.</param>
    /// <param name="determinism">Only GPUs need it; kernels on the CPU are deterministic.</param>
    /// <exception cref="DeviceUnavailableException">libtorch sees no such device.</exception>
    public static ComputeDevice Open(string name, int threads, Determinism determinism)
    {
        set_num_threads(threads);
        if (!s_interopThreadsSet)
        {
            // Allowed once per process. Operations run one after the other here, so a second pool would only add threads.
            s_interopThreadsSet = true;
            set_num_interop_threads(1);
        }
        var torchDevice = Find(name);
        FaultyDevice.Touch();
        if (torchDevice.type == DeviceType.CUDA && determinism != Determinism.Off)
            NativeContext.UseDeterministicAlgorithms(warnOnly: determinism == Determinism.On);
        var model = torchDevice.type == DeviceType.CUDA ? GpuName.Of(torchDevice.index) : name;
        return new ComputeDevice(torchDevice, new Numerics(__version__, threads, NativeContext.CpuCapability(), model));
    }

    /// <summary>Seeds the device's generator.</summary>
    public void Seed(long key)
    {
        manual_seed(key);
        if (Torch.type == DeviceType.CUDA)
            cuda.manual_seed_all(key);
    }

    /// <summary>Copies a batch to the device; the batch may be disposed as soon as this returns.</summary>
    public DeviceBatch Upload(Batch batch)
    {
        FaultyDevice.Touch();
        long[] image = [batch.Count, batch.Height, batch.Width, batch.Channels];
        long[] mask = [batch.Count, batch.Height, batch.Width];
        var (before, after) = (Copy(batch.Before, float32, image).permute(0, 3, 1, 2), Copy(batch.After, float32, image).permute(0, 3, 1, 2));
        var labels = Copy(batch.Mask, uint8, mask);
        if (batch.IsLabelledWhole)
            return new DeviceBatch(before, after, labels.to(float32), null);
        var labelled = labels.ne(MaskReader.Ignored);
        return new DeviceBatch(before, after, labels.masked_fill(labelled.logical_not(), 0).to(float32), labelled);
    }

    /// <summary>
    /// Copies one image, [height, width, channels], to the device as [1, C, H, W], channels-last; the buffer may be longer, and is free again.
    /// </summary>
    public Tensor Upload(float[] image, int height, int width, int channels) => Copy(image, float32, [1, height, width, channels]).permute(0, 3, 1, 2);

    /// <summary>
    /// On a GPU by way of page-locked memory, from which the copy runs beside the computation of the step before. On the CPU into libtorch's own memory,
    /// because the alignment of a managed array changes from run to run, and with it which loop a kernel takes.
    /// </summary>
    private Tensor Copy(Array values, ScalarType type, long[] shape)
    {
        using var managed = frombuffer(values, type, shape.Aggregate(1L, (product, side) => product * side));
        if (Torch.type != DeviceType.CUDA)
            return managed.clone().view(shape);
        using var locked = managed.pin_memory();
        return locked.to(Torch, non_blocking: true).view(shape);
    }

    private static Device Find(string name)
    {
        if (name == "cpu")
            return CPU;
        if (!name.StartsWith("cuda:", StringComparison.Ordinal) || !int.TryParse(name.AsSpan(5), out var index) || index < 0)
            throw new DeviceUnavailableException($"'{name}' is no device; write cpu or cuda:N.");
        if (!cuda.is_available() || index >= cuda.device_count())
            throw new DeviceUnavailableException(
                $"libtorch sees no device '{name}'. Look at the driver (nvidia-smi) and whether the worker was built with -p:Libtorch=cuda.");
        return new Device(DeviceType.CUDA, index);
    }
}

/// <summary>The device that an attempt was assigned is not there.</summary>
public sealed class DeviceUnavailableException(string message) : Exception(message);
