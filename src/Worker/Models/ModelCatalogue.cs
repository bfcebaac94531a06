using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Devices;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>The networks that a config can name (<see cref="ModelNames"/>), built.</summary>
public static class ModelCatalogue
{
    internal static Implementations<NetworkFactory> Factories { get; } = new();

    /// <summary>A network with the initial weights that belong to the seed.</summary>
    /// <exception cref="UnknownModelException">No network has this name.</exception>
    public static ChangeNetwork Create(ModelConfig config, long seed)
    {
        var factory = Find(config.Name);
        using var scope = NewDisposeScope();
        manual_seed(TorchSeeds.Key(seed, TorchSeeds.InitialWeights));
        var network = factory.Create(config);
        // Parameters belong to the module from here on, not to the caller's scope.
        foreach (var (_, tensor) in network.state_dict())
            tensor.DetachFromDisposeScope();
        return network;
    }

    /// <exception cref="UnknownModelException">No network has this name.</exception>
    public static NetworkFactory Find(string name) =>
        ModelNames.All.Contains(name) ? Factories[name] : throw new UnknownModelException(name, ModelNames.All);
}

/// <summary>A model name that is not in the catalogue.</summary>
public sealed class UnknownModelException(string name, IEnumerable<string> known)
    : ArgumentException($"There is no model '{name}'. Known models: {string.Join(", ", known)}.");
