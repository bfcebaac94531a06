using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// Convolution of an odd kernel that keeps the size, or halves it with stride 2 (an odd side is rounded up): [N, in, H, W] to [N, out, H/stride, W/stride].
/// Weight [out, in/groups, k, k].
/// </summary>
internal sealed class Convolution : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    private readonly long _padding;
    private readonly long _stride;
    private readonly long _groups;

    public Convolution(long inputs, long outputs, int kernel = 3, bool hasBias = true, int stride = 1, long groups = 1) : base(nameof(Convolution))
    {
        (_padding, _stride, _groups) = (kernel / 2, stride, groups);
        long[] shape = [outputs, inputs / groups, kernel, kernel];
        weight = new Parameter(ChannelsLast.Of(DefaultInitialization.Weight(shape)));
        if (hasBias)
            bias = DefaultInitialization.Bias(outputs, shape);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.conv2d(x, weight, bias, strides: [_stride, _stride], padding: [_padding, _padding], groups: _groups);
}
