using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// Each channel times a weight in (0, 1), from all channels' means through a narrow perceptron (Hu, Shen, Sun: Squeeze-and-excitation networks, CVPR
/// 2018).
/// </summary>
internal sealed class SqueezeExcitation : Module<Tensor, Tensor>
{
    private readonly Convolution fc1;
    private readonly Convolution fc2;

    public SqueezeExcitation(long channels, long narrow) : base(nameof(SqueezeExcitation))
    {
        fc1 = new Convolution(channels, narrow, kernel: 1);
        fc2 = new Convolution(narrow, channels, kernel: 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (fc2.call(functional.silu(fc1.call(x.mean([2, 3], keepdim: true)))).sigmoid() * x).MoveToOuterDisposeScope();
    }
}
