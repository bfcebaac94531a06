using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Weights.Export;

/// <summary>The Keras variant of FC-Siam-diff (<see cref="ModelNames.SiameseFcnn"/>), with its options.</summary>
internal sealed class SiameseFcnnGraph(INetworkGraph graph, NetworkExport network) : NetworkDescription(graph, network)
{
    [Implements(ModelNames.SiameseFcnn)]
    public static NetworkDescriptionFactory Factory => (graph, network) => new SiameseFcnnGraph(graph, network);

    private const int Levels = 4;
    private const int Multiple = 1 << Levels;

    public override string Tell(string before, string after)
    {
        var left = Tower("left", Graph.RepeatToMultiple(before, Multiple));
        var right = Tower(Network.Model.SharedTowers ? "left" : "right", Graph.RepeatToMultiple(after, Multiple));
        var x = Graph.Double(Chain("bottom", Graph.Pool(left[^1]), transposed: true));
        for (var level = Levels - 1; level >= 0; level--)
        {
            // The deepest level takes the second tower off both of its inputs.
            var up = level == Levels - 1 ? Graph.Subtract(x, right[level]) : Graph.Double(x);
            var skip = Graph.Subtract(left[level], right[level]);
            x = Chain($"up{level}", level == Levels - 1 ? Graph.Concatenate(skip, up) : Graph.Concatenate(up, skip), transposed: true);
        }
        return OfLogits(Graph.CutTo(x, before));
    }

    private string[] Tower(string name, string image)
    {
        var maps = new string[Levels];
        for (var level = 0; level < Levels; level++)
            maps[level] = Chain($"{name}.level{level}", level == 0 ? image : Graph.Pool(maps[level - 1]), transposed: false);
        return maps;
    }

    private string Chain(string name, string x, bool transposed)
    {
        for (var layer = 0; Has($"{name}.{layer}"); layer++)
        {
            x = transposed ? TransposedConvolution($"{name}.{layer}", x, stride: 1) : Convolution($"{name}.{layer}", x);
            // Logits, the last layer of all, are left as they are.
            if (Network.Model.Activation == ActivationNames.Relu && (name != "up0" || Has($"{name}.{layer + 1}")))
                x = Graph.Rectify(x);
        }
        return x;
    }
}
