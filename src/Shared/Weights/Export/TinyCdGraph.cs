using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Weights.Export;

/// <summary>
/// TinyCD of Codegoni, Lombardi, Ferrari, "TINYCD: a (not so) deep learning model for change detection" (Neural Computing and Applications 35, 2023).
/// </summary>
internal sealed class TinyCdGraph(INetworkGraph graph, NetworkExport network) : NetworkDescription(graph, network)
{
    [Implements(ModelNames.TinyCd)]
    public static NetworkDescriptionFactory Factory => (graph, network) => new TinyCdGraph(graph, network);

    private const int Multiple = 8;

    /// <summary>Of the first block of each stage; the others have 1.</summary>
    private static readonly int[] s_strides = [1, 2, 2];

    public override string Tell(string before, string after)
    {
        var (a, b) = (Graph.RepeatToMultiple(before, Multiple), Graph.RepeatToMultiple(after, Multiple));
        var mixed = new List<string> { Mask("_first_mix", a, b) };
        (a, b) = (Stem(a), Stem(b));
        for (var stage = 0; stage < s_strides.Length; stage++)
        {
            (a, b) = (Stage(stage, a), Stage(stage, b));
            mixed.Add(stage < s_strides.Length - 1 ? Mask($"_mixing_mask.{stage}", a, b) : Mix($"_mixing_mask.{stage}", a, b));
        }
        var x = mixed[^1];
        for (var step = 0; Has($"_up.{step}._convolution.0"); step++)
            x = Upsample($"_up.{step}._convolution", x, mixed[^(step + 2)]);
        return OfLogits(Graph.CutTo(Perceptron("_classify", x), before));
    }

    private string Stem(string image) => Silu(Graph.Normalization("_backbone.0.1", Convolution("_backbone.0.0", image, stride: 2)));

    private string Stage(int stage, string x)
    {
        for (var block = 0; Has($"_backbone.{stage + 1}.{block}.block.0.0"); block++)
            x = MobileBlock($"_backbone.{stage + 1}.{block}.block", x, block == 0 ? s_strides[stage] : 1, residual: block > 0);
        return x;
    }

    private string MobileBlock(string name, string x, int stride, bool residual)
    {
        // The first stage has no expansion, and its parts are numbered from the filter on.
        var filter = Has($"{name}.3.0") ? 1 : 0;
        var y = filter == 1 ? Silu(Normalized(0, x)) : x;
        y = Silu(Normalized(filter, y, stride, perChannel: true));
        y = Normalized(filter + 2, Excite($"{name}.{filter + 1}", y));
        return residual ? Graph.Add(y, x) : y;

        string Normalized(int part, string map, int stride = 1, bool perChannel = false) =>
            Graph.Normalization($"{name}.{part}.1", Convolution($"{name}.{part}.0", map, stride, perChannel));
    }

    private string Excite(string name, string x) =>
        Graph.Multiply(Graph.Sigmoid(Convolution($"{name}.fc2", Silu(Convolution($"{name}.fc1", Graph.MeanOfPixels(x))))), x);

    private string Mask(string name, string a, string b) => Perceptron($"{name}._linear", Mix($"{name}._mixing", a, b));

    private string Mix(string name, string a, string b) => Filtered($"{name}._convmix", 0, Graph.Interleave(a, b), perChannel: true);

    private string Upsample(string name, string x, string mask) =>
        Filtered(name, 3, Filtered(name, 0, Graph.Multiply(Graph.ResizeTo(x, mask), mask), perChannel: true), perChannel: false);

    /// <summary>A convolution, the PReLU behind it, and instance norm.</summary>
    private string Filtered(string name, int part, string x, bool perChannel) =>
        Graph.NormalizeEach(Graph.RectifyLeaky($"{name}.{part + 1}", Convolution($"{name}.{part}", x, perChannel: perChannel)));

    private string Perceptron(string name, string x)
    {
        for (var layer = 0; Has($"{name}._linears.{layer}.0"); layer++)
        {
            x = Convolution($"{name}._linears.{layer}.0", x);
            if (Has($"{name}._linears.{layer}.1"))
                x = Graph.RectifyLeaky($"{name}._linears.{layer}.1", x);
        }
        return x;
    }
}
