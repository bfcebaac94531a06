using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Optimizers;

/// <summary>An optimizer of a network's parameters as a config describes it; each says how it is built, marked with its name.</summary>
public delegate Optimizer OptimizerFactory(nn.Module network, OptimizerConfig config);

/// <summary>The optimizers that a config can name (<see cref="OptimizerNames"/>), built.</summary>
public static class OptimizerCatalogue
{
    internal static Implementations<OptimizerFactory> Factories { get; } = new();

    public static Optimizer Create(nn.Module network, OptimizerConfig config) => Factories[config.Name](network, config);
}
