using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// A weight in (0, 1) for each channel, [N, C, 1, 1], from the channel's mean and maximum through a narrow perceptron
/// (Woo et al.: CBAM: convolutional block attention module, ECCV 2018).
/// </summary>
internal sealed class ChannelAttention : Module<Tensor, Tensor>
{
    private readonly Convolution fc1;
    private readonly Convolution fc2;

    public ChannelAttention(long channels, int ratio) : base(nameof(ChannelAttention))
    {
        fc1 = new Convolution(channels, channels / ratio, kernel: 1, hasBias: false);
        fc2 = new Convolution(channels / ratio, channels, kernel: 1, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (Weigh(x.mean([2, 3], keepdim: true)) + Weigh(x.amax([2, 3], keepdim: true))).sigmoid().MoveToOuterDisposeScope();
    }

    private Tensor Weigh(Tensor pooled) => fc2.call(fc1.call(pooled).relu_());
}
