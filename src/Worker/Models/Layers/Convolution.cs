using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// Convolution of an odd kernel that keeps the size, or halves it with stride 2 (an odd side is rounded up): [N, in, H, W] to [N, out, H/stride, W/stride].
/// Weight [out, in/groups, k, k].
/// </summary>
internal sealed class Convolution(long inputs, long outputs, int kernel = 3, bool hasBias = true, int stride = 1, long groups = 1)
    : ConvolutionLayer(nameof(Convolution), [outputs, inputs / groups, kernel, kernel], hasBias ? outputs : null, ChannelsLast.Of)
{
    private readonly long[] _padding = [kernel / 2, kernel / 2];
    private readonly long[] _strides = [stride, stride];
    private readonly long _groups = groups;

    public override Tensor forward(Tensor x) => functional.conv2d(x, weight, bias, strides: _strides, padding: _padding, groups: _groups);
}
