using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// TinyCD's mixing of two dates: channel k of the result comes from channel k of both maps alone, by a 3x3 convolution, a PReLU and instance norm.
/// Two maps [N, C, H, W] to one.
/// </summary>
internal sealed class DateMixing : Module<Tensor, Tensor, Tensor>
{
    private readonly Sequential _convmix;

    public DateMixing(long channels) : base(nameof(DateMixing))
    {
        _convmix = Sequential(new Convolution(2 * channels, channels, groups: channels), PReLU(1), InstanceNorm2d(channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        using var scope = NewDisposeScope();
        // Side by side by channel, so that a group of the convolution has the same channel of both dates.
        return _convmix.call(stack([before, after], 2).flatten(1, 2)).MoveToOuterDisposeScope();
    }
}

/// <summary>A <see cref="DateMixing"/> narrowed to one channel, pixel by pixel: the mask that decoder maps are multiplied with, [N, 1, H, W].</summary>
internal sealed class MixingMask : Module<Tensor, Tensor, Tensor>
{
    private readonly DateMixing _mixing;
    private readonly PixelPerceptron _linear;

    /// <param name="channels">Of either map.</param>
    /// <param name="widths">Of the layers behind the first.</param>
    public MixingMask(int channels, params ReadOnlySpan<int> widths) : base(nameof(MixingMask))
    {
        _mixing = new DateMixing(channels);
        _linear = new PixelPerceptron(activateLast: true, [channels, .. widths]);
        RegisterComponents();
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        using var scope = NewDisposeScope();
        return _linear.call(_mixing.call(before, after)).MoveToOuterDisposeScope();
    }
}
