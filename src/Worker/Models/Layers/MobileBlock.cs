using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// The inverted residual of Tan, Le, "EfficientNet" (ICML 2019): 1x1 expansion, one k x k filter per channel, squeeze and excitation, 1x1 projection;
/// batch norm after each, SiLU after the first two. Where size and width stay, the input is added, and in training the block is now and then left out
/// for a sample (stochastic depth). [N, in, H, W] to [N, out, H/stride, W/stride].
/// </summary>
internal sealed class MobileBlock : Module<Tensor, Tensor>
{
    private readonly double _leftOut;
    private readonly bool _residual;
    private readonly Sequential block;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="expansion">Channels between, as a multiple of <paramref name="inputs"/>; 1 has no expansion at all.</param>
    /// <param name="kernel">Side of the per-channel filter.</param>
    /// <param name="stride">Its stride.</param>
    /// <param name="leftOut">Probability of leaving a sample's block out.</param>
    public MobileBlock(long inputs, long outputs, int expansion, int kernel, int stride, double leftOut) : base(nameof(MobileBlock))
    {
        (_leftOut, _residual) = (leftOut, inputs == outputs && stride == 1);
        var width = inputs * expansion;
        var parts = new List<Module<Tensor, Tensor>>();
        if (expansion > 1)
            parts.Add(Normalized(new Convolution(inputs, width, kernel: 1, hasBias: false), width, SiLU()));
        parts.Add(Normalized(new Convolution(width, width, kernel, hasBias: false, stride, groups: width), width, SiLU()));
        parts.Add(new SqueezeExcitation(width, inputs / 4));
        parts.Add(Normalized(new Convolution(width, outputs, kernel: 1, hasBias: false), outputs));
        block = Sequential(parts);
        RegisterComponents();
    }

    /// <summary>A convolution, batch norm, and the activation where there is one. The weights are drawn as EfficientNet's: normal, by the fan out.</summary>
    public static Sequential Normalized(Convolution convolution, long outputs, params Module<Tensor, Tensor>[] activation)
    {
        foreach (var weight in convolution.parameters())
            init.kaiming_normal_(weight, mode: init.FanInOut.FanOut);
        return Sequential([convolution, BatchNorm2d(outputs), .. activation]);
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = block.call(x);
        if (_residual)
            y = training && _leftOut > 0 ? y * Kept(x.shape[0], x.device) + x : y + x;
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>[N, 1, 1, 1]: 0 for a sample without the block, else what keeps the mean.</summary>
    private Tensor Kept(long samples, Device device)
    {
        using var _ = no_grad();
        return empty([samples, 1, 1, 1], float32, device).bernoulli_(1 - _leftOut).div_(1 - _leftOut);
    }
}
