using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models.Layers;

/// <summary>Layers one after the other, named 0, 1, 2 …; behind the first so many of them a ReLU.</summary>
internal sealed class Chain : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor>[] _layers;
    private readonly int _rectified;

    private Chain(int rectified, Module<Tensor, Tensor>[] layers) : base(nameof(Chain))
    {
        (_layers, _rectified) = (layers, rectified);
        for (var i = 0; i < layers.Length; i++)
            register_module(i.ToString(System.Globalization.CultureInfo.InvariantCulture), layers[i]);
    }

    /// <summary>Layers from each width to the next; where wished, each with a ReLU.</summary>
    public static Chain Of(bool rectify, Func<long, long, Module<Tensor, Tensor>> layer, params ReadOnlySpan<int> widths) =>
        new(rectify ? widths.Length - 1 : 0, Layers(layer, widths));

    /// <summary>The same at the end of a network: behind the last layer, whose values are logits, there is no ReLU.</summary>
    public static Chain OfLogits(bool rectify, Func<long, long, Module<Tensor, Tensor>> layer, params ReadOnlySpan<int> widths) =>
        new(rectify ? widths.Length - 2 : 0, Layers(layer, widths));

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < _layers.Length; i++)
            x = i < _rectified ? _layers[i].call(x).relu_() : _layers[i].call(x);
        return x.MoveToOuterDisposeScope();
    }

    private static Module<Tensor, Tensor>[] Layers(Func<long, long, Module<Tensor, Tensor>> layer, ReadOnlySpan<int> widths)
    {
        var layers = new Module<Tensor, Tensor>[widths.Length - 1];
        for (var i = 0; i < layers.Length; i++)
            layers[i] = layer(widths[i], widths[i + 1]);
        return layers;
    }
}
