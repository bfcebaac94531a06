using ChangeDetection.Configuration;

namespace ChangeDetection.Checkpoints.Export;

/// <summary>
/// FC-EF, FC-Siam-conc and FC-Siam-diff (Daudt, Le Saux, Boulch: Fully convolutional siamese networks for change detection, ICIP 2018), as they compute
/// outside training: two images to log-probabilities of (no change, change).
/// </summary>
internal sealed class FullyConvolutionalGraph(INetworkGraph graph)
{
    private static readonly string[][] s_encoder = [["11", "12"], ["21", "22"], ["31", "32", "33"], ["41", "42", "43"]];
    private static readonly string[][] s_decoder = [["43d", "42d", "41d"], ["33d", "32d", "31d"], ["22d", "21d"], ["12d"]];

    /// <summary>Names of the networks that can be told.</summary>
    public static IReadOnlyList<string> Known { get; } = [ModelNames.FcEf, ModelNames.FcSiamConc, ModelNames.FcSiamDiff];

    /// <param name="model">One of <see cref="Known"/>.</param>
    /// <returns>The output.</returns>
    public string Tell(string model, string before, string after)
    {
        if (model == ModelNames.FcEf)
        {
            var (maps, bottom) = Encode(graph.Concatenate(before, after));
            return Decode(bottom, level => [maps[level]]);
        }
        var (first, _) = Encode(before);
        var (second, bottleneck) = Encode(after);
        return model == ModelNames.FcSiamDiff
            ? Decode(bottleneck, level => [graph.AbsoluteDifference(first[level], second[level])])
            : Decode(bottleneck, level => [first[level], second[level]]);
    }

    private (string[] Maps, string Bottleneck) Encode(string x)
    {
        var maps = new string[s_encoder.Length];
        for (var level = 0; level < maps.Length; level++)
        {
            maps[level] = s_encoder[level].Aggregate(x, (y, layer) => Unit(graph.Convolution($"conv{layer}", y), layer));
            x = graph.Pool(maps[level]);
        }
        return (maps, x);
    }

    private string Decode(string x, Func<int, string[]> skips)
    {
        for (var level = s_decoder.Length - 1; level >= 0; level--)
        {
            var appended = skips(level);
            var up = graph.RepeatTo(graph.TransposedConvolution($"upconv{level + 1}", x, stride: 2), appended[0]);
            x = s_decoder[^(level + 1)].Aggregate(graph.Concatenate([up, .. appended]), (y, layer) => Unit(graph.TransposedConvolution($"conv{layer}", y, stride: 1), layer));
        }
        return graph.LogSoftmax(graph.TransposedConvolution("conv11d", x, stride: 1));
    }

    private string Unit(string convolved, string layer) => graph.Rectify(graph.Normalization($"bn{layer}", convolved));
}
