using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>
/// 1x1 convolutions with a PReLU after each, or after all but the last: the same perceptron at every pixel. [N, first, H, W] to [N, last, H, W].
/// </summary>
internal sealed class PixelPerceptron : Module<Tensor, Tensor>
{
    private readonly Sequential _linears;

    public PixelPerceptron(bool activateLast, params ReadOnlySpan<int> widths) : base(nameof(PixelPerceptron))
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (var i = 1; i < widths.Length; i++)
        {
            var layer = new Convolution(widths[i - 1], widths[i], kernel: 1);
            layers.Add(activateLast || i < widths.Length - 1 ? Sequential(layer, PReLU(1)) : Sequential(layer));
        }
        _linears = Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => _linears.call(x);
}
