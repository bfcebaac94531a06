using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Optimizers;

/// <summary>The optimizers that a config can name. A new one is a class in this folder and a line here.</summary>
public static class OptimizerCatalogue
{
    private static readonly SortedDictionary<string, Func<nn.Module, OptimizerConfig, Optimizer>> s_optimizers = new(StringComparer.Ordinal)
    {
        [OptimizerNames.Adam] = (network, config) => new Adam(network, config.WeightDecay),
        [OptimizerNames.AdamW] = (network, config) => new Adam(network, config.WeightDecay, decoupled: true),
        [OptimizerNames.Sgd] = (network, config) => new Sgd(network, config.Momentum, config.WeightDecay),
    };

    public static Optimizer Create(nn.Module network, OptimizerConfig config) => s_optimizers[config.Name](network, config);
}
