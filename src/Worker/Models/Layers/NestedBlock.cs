using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>Two 3x3 convolutions with batch norm; the first one's output, before its batch norm, is added to the second's.</summary>
internal sealed class NestedBlock : Module<Tensor, Tensor>
{
    private readonly Convolution conv1;
    private readonly BatchNorm2d bn1;
    private readonly Convolution conv2;
    private readonly BatchNorm2d bn2;

    public NestedBlock(long inputs, long outputs) : base(nameof(NestedBlock))
    {
        conv1 = new Convolution(inputs, outputs);
        bn1 = BatchNorm2d(outputs);
        conv2 = new Convolution(outputs, outputs);
        bn2 = BatchNorm2d(outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var shortcut = conv1.call(x);
        return bn2.call(conv2.call(bn1.call(shortcut).relu_())).add(shortcut).relu_().MoveToOuterDisposeScope();
    }
}
