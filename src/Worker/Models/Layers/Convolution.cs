using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>Convolution of an odd kernel that keeps the size, stride 1: [N, in, H, W] to [N, out, H, W]. Weight [out, in, k, k].</summary>
internal sealed class Convolution : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    private readonly long _padding;

    public Convolution(long inputs, long outputs, int kernel = 3, bool hasBias = true) : base(nameof(Convolution))
    {
        _padding = kernel / 2;
        long[] shape = [outputs, inputs, kernel, kernel];
        weight = new Parameter(ChannelsLast.Of(DefaultInitialization.Weight(shape)));
        if (hasBias)
            bias = DefaultInitialization.Bias(outputs, shape);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.conv2d(x, weight, bias, padding: [_padding, _padding]);
}
