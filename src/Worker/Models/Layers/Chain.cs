using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>Layers one after the other, named 0, 1, 2 …; where wished, with a ReLU after each.</summary>
internal sealed class Chain : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>[] _layers;
    private readonly bool _rectify;

    public Chain(bool rectify, params Module<Tensor, Tensor>[] layers) : base(nameof(Chain))
    {
        (_layers, _rectify) = (layers, rectify);
        for (var i = 0; i < layers.Length; i++)
            register_module(i.ToString(System.Globalization.CultureInfo.InvariantCulture), layers[i]);
    }

    /// <summary>Layers from each width to the next.</summary>
    public static Chain Of(bool rectify, Func<long, long, Module<Tensor, Tensor>> layer, params ReadOnlySpan<int> widths)
    {
        var layers = new Module<Tensor, Tensor>[widths.Length - 1];
        for (var i = 0; i < layers.Length; i++)
            layers[i] = layer(widths[i], widths[i + 1]);
        return new Chain(rectify, layers);
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _layers.Aggregate(x, (y, layer) => _rectify ? layer.call(y).relu_() : layer.call(y)).MoveToOuterDisposeScope();
    }
}
