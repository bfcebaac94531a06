using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// TinyCD's decoder step: twice the size by bilinear interpolation (corners aligned), times the mask of that size, then one 3x3 filter per channel and a
/// 1x1 convolution, each with PReLU and instance norm. [N, in, H, W] and [N, 1, 2H, 2W] to [N, out, 2H, 2W].
/// </summary>
internal sealed class MaskedUpsampling : Module<Tensor, Tensor, Tensor>
{
    private readonly Sequential _convolution;

    public MaskedUpsampling(long inputs, long outputs) : base(nameof(MaskedUpsampling))
    {
        _convolution = Sequential(
            new Convolution(inputs, inputs, groups: inputs), PReLU(1), InstanceNorm2d(inputs),
            new Convolution(inputs, outputs, kernel: 1), PReLU(1), InstanceNorm2d(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var larger = functional.interpolate(x, size: [mask.shape[2], mask.shape[3]], mode: InterpolationMode.Bilinear, align_corners: true);
        return _convolution.call(larger * mask).MoveToOuterDisposeScope();
    }
}
