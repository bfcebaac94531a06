using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// Two 3x3 convolutions with batch norm around a shortcut; where widths differ the shortcut is a 1x1 convolution with batch norm.
/// With <c>pool</c>, both ways are halved by 2x2 max pooling between the convolutions.
/// </summary>
internal sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Convolution conv1;
    private readonly BatchNorm2d bn1;
    private readonly Convolution conv2;
    private readonly BatchNorm2d bn2;
    private readonly Convolution? couple;
    private readonly BatchNorm2d? bnc;
    private readonly bool _pool;

    public ResidualBlock(long inputs, long outputs, bool pool = false) : base(nameof(ResidualBlock))
    {
        _pool = pool;
        conv1 = new Convolution(inputs, outputs);
        bn1 = BatchNorm2d(outputs);
        conv2 = new Convolution(outputs, outputs);
        bn2 = BatchNorm2d(outputs);
        if (inputs != outputs)
        {
            couple = new Convolution(inputs, outputs, kernel: 1);
            bnc = BatchNorm2d(outputs);
        }
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var shortcut = couple is null ? x : bnc!.call(couple.call(x));
        var y = bn1.call(conv1.call(x)).relu_();
        if (_pool)
            (y, shortcut) = (functional.max_pool2d(y, 2, 2), functional.max_pool2d(shortcut, 2, 2));
        return bn2.call(conv2.call(y)).add(shortcut).relu_().MoveToOuterDisposeScope();
    }
}

/// <summary>The same, to twice the size: the first convolution and the shortcut are transposed, of stride 2.</summary>
internal sealed class ResidualUpsampling : Module<Tensor, Tensor>
{
    private readonly Upsampling conv1;
    private readonly BatchNorm2d bn1;
    private readonly Convolution conv2;
    private readonly BatchNorm2d bn2;
    private readonly Upsampling couple;
    private readonly BatchNorm2d bnc;

    public ResidualUpsampling(long inputs, long outputs) : base(nameof(ResidualUpsampling))
    {
        conv1 = new Upsampling(inputs, outputs);
        bn1 = BatchNorm2d(outputs);
        conv2 = new Convolution(outputs, outputs);
        bn2 = BatchNorm2d(outputs);
        couple = new Upsampling(inputs, outputs);
        bnc = BatchNorm2d(outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = bn2.call(conv2.call(bn1.call(conv1.call(x)).relu_()));
        return y.add(bnc.call(couple.call(x))).relu_().MoveToOuterDisposeScope();
    }
}
