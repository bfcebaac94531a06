using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Weights.Export;

/// <summary>SNUNet-CD of Fang, Li, Shao, Li, "SNUNet-CD: a densely connected siamese network for change detection of VHR images" (IEEE GRSL 2022).</summary>
internal sealed class SnUNetGraph(INetworkGraph graph, NetworkExport network) : NetworkDescription(graph, network)
{
    [Implements(ModelNames.SnUNet)]
    public static NetworkDescriptionFactory Factory => (graph, network) => new SnUNetGraph(graph, network);

    private const int Depth = 4;
    private const int Multiple = 1 << Depth;

    public override string Tell(string before, string after)
    {
        var a = Encode(Graph.RepeatToMultiple(before, Multiple), Depth - 1);
        var b = Encode(Graph.RepeatToMultiple(after, Multiple), Depth);
        // The maps that each level has so far, and the one that the level above takes from it next.
        var rows = Enumerable.Range(0, Depth).Select(level => new List<string> { a[level], b[level] }).ToArray();
        var newest = b;
        for (var column = 1; column <= Depth; column++)
        {
            var next = new string[Depth - column + 1];
            for (var level = 0; level < next.Length; level++)
            {
                var below = TransposedConvolution($"Up{level + 1}_{column - 1}", newest[level + 1], stride: 2);
                next[level] = Block(level, column, Graph.Concatenate([.. rows[level], below]));
                rows[level].Add(next[level]);
            }
            newest = next;
        }
        return Graph.CutTo(Graph.LogSoftmax(Convolution("conv_final", Weigh(rows[0][2..]))), before);
    }

    private string[] Encode(string image, int depth)
    {
        var maps = new string[depth + 1];
        for (var level = 0; level <= depth; level++)
            maps[level] = Block(level, 0, level == 0 ? image : Graph.Pool(maps[level - 1]));
        return maps;
    }

    private string Block(int level, int column, string x)
    {
        var name = $"conv{level}_{column}";
        var shortcut = Convolution($"{name}.conv1", x);
        return Graph.Rectify(Graph.Add(Graph.Normalization($"{name}.bn2", Convolution($"{name}.conv2", Unit(shortcut, $"{name}.bn1"))), shortcut));
    }

    private string Weigh(IReadOnlyList<string> maps)
    {
        var each = Attention("ca1", maps.Aggregate(Graph.Add));
        var all = Graph.Concatenate(maps);
        return Graph.Multiply(Attention("ca", all), Graph.Add(all, Graph.Concatenate([.. maps.Select(_ => each)])));
    }

    private string Attention(string name, string x)
    {
        return Graph.Sigmoid(Graph.Add(Through(Graph.MeanOfPixels(x)), Through(Graph.MaximumOfPixels(x))));

        string Through(string pooled) => Convolution($"{name}.fc2", Graph.Rectify(Convolution($"{name}.fc1", pooled)));
    }
}
