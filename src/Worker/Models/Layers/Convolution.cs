using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>3x3 convolution, padding 1, stride 1, bias: [N, in, H, W] to [N, out, H, W]. Weight [out, in, 3, 3].</summary>
internal sealed class Convolution : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    public Convolution(long inputs, long outputs) : base(nameof(Convolution))
    {
        long[] shape = [outputs, inputs, 3, 3];
        weight = new Parameter(ChannelsLast.Of(DefaultInitialization.Weight(shape)));
        bias = DefaultInitialization.Bias(outputs, shape);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.conv2d(x, weight, bias, padding: [1, 1]);
}
