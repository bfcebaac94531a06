using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Tests.Training;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Devices;

[Collection(TorchCollection.Name)]
public sealed class ComputeDeviceTests
{
    [Fact]
    public void Open_Cpu_SetsThreadsAndTellsWhatDecidesTheBits()
    {
        var device = ComputeDevice.Open("cpu", threads: 1, Determinism.On);

        Assert.Equal(1, get_num_threads());
        Assert.Equal(1, device.Numerics.Threads);
        Assert.Equal("cpu", device.Numerics.Device);
        Assert.StartsWith("2.", device.Numerics.Libtorch, StringComparison.Ordinal);
        Assert.Contains(device.Numerics.Isa, new[] { "default", "avx2", "avx512" });
    }

    [Theory]
    [InlineData("cuda:99")]
    [InlineData("tpu")]
    public void Open_AbsentDevice_SaysSo(string name)
        => Assert.Contains(
            name, Assert.Throws<DeviceUnavailableException>(() => ComputeDevice.Open(name, 1, Determinism.On)).Message, StringComparison.Ordinal);

    [Fact]
    public void Upload_InterleavedRows_AreAChannelsLastTensorOfTheSameValues()
    {
        using var scope = NewDisposeScope();
        using var batch = InventedBatches.Draw(0, 0, 2, height: 17, width: 19);

        var (before, _, changed, _) = ComputeDevice.Open("cpu", 1, Determinism.On).Upload(batch);

        Assert.Equal([2L, 3L, 17L, 19L], before.shape);
        Assert.Equal(1, before.stride(1));
        Assert.Equal(batch.Before[((17 + 5) * 19 + 7) * 3 + 2], before[1, 2, 5, 7].item<float>());
        Assert.Equal(batch.Mask.Count(value => value == 1), changed.sum().item<float>());
    }

    [Fact]
    public void UseDeterministicAlgorithms_ReachesLibtorch()
    {
        NativeContext.UseDeterministicAlgorithms(warnOnly: false);

        Assert.Equal(3, ones(3).sum().item<float>());
    }
}
