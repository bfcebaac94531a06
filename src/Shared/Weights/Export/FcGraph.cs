using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Weights.Export;

/// <summary>
/// FC-EF, FC-Siam-conc and FC-Siam-diff of Daudt, Le Saux, Boulch, "Fully convolutional siamese networks for change detection" (ICIP 2018).
/// </summary>
internal sealed class FcGraph(INetworkGraph graph, NetworkExport network) : NetworkDescription(graph, network)
{
    [Implements(ModelNames.FcEf), Implements(ModelNames.FcSiamConc), Implements(ModelNames.FcSiamDiff)]
    public static NetworkDescriptionFactory Factory => (graph, network) => new FcGraph(graph, network);

    private static readonly string[][] s_encoder = [["11", "12"], ["21", "22"], ["31", "32", "33"], ["41", "42", "43"]];
    private static readonly string[][] s_decoder = [["43d", "42d", "41d"], ["33d", "32d", "31d"], ["22d", "21d"], ["12d"]];

    public override string Tell(string before, string after)
    {
        if (Network.Model.Name == ModelNames.FcEf)
        {
            var (maps, bottom) = Encode(Graph.Concatenate(before, after));
            return Decode(bottom, level => [maps[level]]);
        }
        var (first, _) = Encode(before);
        var (second, bottleneck) = Encode(after);
        return Network.Model.Name == ModelNames.FcSiamDiff
            ? Decode(bottleneck, level => [Graph.Absolute(Graph.Subtract(first[level], second[level]))])
            : Decode(bottleneck, level => [first[level], second[level]]);
    }

    private (string[] Maps, string Bottleneck) Encode(string x)
    {
        var maps = new string[s_encoder.Length];
        for (var level = 0; level < maps.Length; level++)
        {
            maps[level] = s_encoder[level].Aggregate(x, (y, layer) => Unit(Convolution($"conv{layer}", y), $"bn{layer}"));
            x = Graph.Pool(maps[level]);
        }
        return (maps, x);
    }

    private string Decode(string x, Func<int, string[]> skips)
    {
        for (var level = s_decoder.Length - 1; level >= 0; level--)
        {
            var appended = skips(level);
            var up = Graph.RepeatTo(TransposedConvolution($"upconv{level + 1}", x, stride: 2), appended[0]);
            x = s_decoder[^(level + 1)].Aggregate(
                Graph.Concatenate([up, .. appended]), (y, layer) => Unit(TransposedConvolution($"conv{layer}", y, stride: 1), $"bn{layer}"));
        }
        return Graph.LogSoftmax(TransposedConvolution("conv11d", x, stride: 1));
    }
}
