using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Weights.Export;

/// <summary>FresUNet of Daudt, Le Saux, Boulch, Gousseau, "Multitask learning for large-scale semantic change detection" (CVIU 2019).</summary>
internal sealed class FresUNetGraph(INetworkGraph graph, NetworkExport network) : NetworkDescription(graph, network)
{
    [Implements(ModelNames.FresUNet)]
    public static NetworkDescriptionFactory Factory => (graph, network) => new FresUNetGraph(graph, network);

    private const int Levels = 4;

    public override string Tell(string before, string after)
    {
        var skips = new string[Levels];
        var x = Graph.Concatenate(before, after);
        for (var level = 0; level < Levels; level++)
        {
            skips[level] = Block($"encres{level + 1}_1", x, pool: false);
            x = Block($"encres{level + 1}_2", skips[level], pool: true);
        }
        for (var level = Levels - 1; level >= 0; level--)
        {
            var grown = Upsampling($"decres{level + 1}_2", Block($"decres{level + 1}_1", x, pool: false));
            x = Graph.Concatenate(Graph.RepeatTo(grown, skips[level]), skips[level]);
        }
        return Graph.LogSoftmax(Convolution("coupling", x));
    }

    private string Block(string name, string x, bool pool)
    {
        var shortcut = Has($"{name}.couple") ? Graph.Normalization($"{name}.bnc", Convolution($"{name}.couple", x)) : x;
        var y = Unit(Convolution($"{name}.conv1", x), $"{name}.bn1");
        return pool ? Joined(name, Graph.Pool(y), Graph.Pool(shortcut)) : Joined(name, y, shortcut);
    }

    private string Upsampling(string name, string x) => Joined(
        name, Unit(TransposedConvolution($"{name}.conv1", x, stride: 2), $"{name}.bn1"),
        Graph.Normalization($"{name}.bnc", TransposedConvolution($"{name}.couple", x, stride: 2)));

    private string Joined(string name, string y, string shortcut) =>
        Graph.Rectify(Graph.Add(Graph.Normalization($"{name}.bn2", Convolution($"{name}.conv2", y)), shortcut));
}
