using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Models;

namespace ChangeDetection.Bench.Step;

/// <summary>Floating-point operations of FC-Siam-diff's training step, counted from its convolutions.</summary>
internal static class StepOperations
{
    /// <summary>10⁹ operations for one pair: two per multiply-add; forward, gradient of the input, gradient of the weight.</summary>
    public static double Gflop(int side)
        => ModelDescription.Of(new ModelConfig()).Layers.Where(layer => layer.Shape.Count == 4).Sum(layer => 3 * 2 * MultiplyAdds(layer, side)) / 1e9;

    /// <summary>The digit behind the name's letters is the level; level L works at 1/2^(L−1) of the side, an upsampling reads from the level below.</summary>
    private static double MultiplyAdds(LayerDescription layer, int side)
    {
        var level = layer.Name.First(char.IsAsciiDigit) - '0';
        var isUpsampling = layer.Name.StartsWith("up", StringComparison.Ordinal);
        var isDecoder = isUpsampling || layer.Name.EndsWith('d');
        var pixels = Math.Pow(side / Math.Pow(2, isUpsampling ? level : level - 1), 2);
        var dates = isDecoder ? 1 : 2;
        return dates * pixels * layer.Shape.Aggregate(1.0, (product, extent) => product * extent);
    }
}
