using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Devices;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>How a network of <see cref="ModelNames"/> is built.</summary>
/// <param name="Field">How far an output pixel sees, by the network's layers; null where all of the image decides about each pixel.</param>
public sealed record CatalogueEntry(string Name, Func<ModelConfig, ChangeNetwork> Create, ReceptiveField? Field = null)
{
    /// <summary>What is known of it without building it.</summary>
    public ModelSummary Known { get; } = ModelNames.Summaries.Single(model => model.Name == Name);
}

/// <summary>The networks that a config can name. A new one is a class in this folder, a line here, and one in <see cref="ModelNames"/>.</summary>
public static class ModelCatalogue
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        new(ModelNames.FcEf, config => new FcEf(config), ReceptiveField.Of(FcDecoder.ToInput)),
        new(ModelNames.FcSiamConc, config => new FcSiamConc(config), ReceptiveField.Of(FcDecoder.ToInput)),
        new(ModelNames.FcSiamDiff, config => new FcSiamDiff(config), ReceptiveField.Of(FcDecoder.ToInput)),
        new(ModelNames.FresUNet, config => new FresUNet(config), ReceptiveField.Of(FresUNet.ToInput)),
        new(ModelNames.SiameseFcnn, config => new SiameseFcnn(config), ReceptiveField.Of(SiameseFcnn.ToInput)),
        new(ModelNames.SnUNet, config => new SnUNet(config)),
        new(ModelNames.TinyCd, config => new TinyCd(config)),
    ];

    /// <summary>A network with the initial weights that belong to the seed.</summary>
    /// <exception cref="UnknownModelException">No network has this name.</exception>
    public static ChangeNetwork Create(ModelConfig config, long seed)
    {
        var entry = Find(config.Name);
        using var scope = NewDisposeScope();
        manual_seed(TorchSeeds.Key(seed, TorchSeeds.InitialWeights));
        var network = entry.Create(config);
        // Parameters belong to the module from here on, not to the caller's scope.
        foreach (var (_, tensor) in network.state_dict())
            tensor.DetachFromDisposeScope();
        return network;
    }

    public static CatalogueEntry Find(string name) =>
        Entries.FirstOrDefault(entry => entry.Name == name) ?? throw new UnknownModelException(name, Entries.Select(entry => entry.Name));
}

/// <summary>A model name that is not in the catalogue.</summary>
public sealed class UnknownModelException(string name, IEnumerable<string> known)
    : ArgumentException($"There is no model '{name}'. Known models: {string.Join(", ", known)}.");
