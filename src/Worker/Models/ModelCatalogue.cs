using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Devices;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>A network by name. <paramref name="Source"/> is where it was published.</summary>
/// <param name="Field">How far an output pixel sees, by the network's layers; null where all of the image decides about each pixel.</param>
public sealed record CatalogueEntry(string Name, string Summary, string Source, Func<ModelConfig, ChangeNetwork> Create, ReceptiveField? Field = null);

/// <summary>The networks that a config can name. A new one is a class in this folder and a line here.</summary>
public static class ModelCatalogue
{
    private const string Fang2022 = "Fang, Li, Shao, Li: SNUNet-CD: a densely connected siamese network for change detection of VHR images, IEEE GRSL 19, 2022";
    private const string Daudt2019 = "Daudt, Le Saux, Boulch, Gousseau: Multitask learning for large-scale semantic change detection, CVIU 187, 2019";
    private const string Codegoni2023 = "Codegoni, Lombardi, Ferrari: TINYCD: a (not so) deep learning model for change detection, Neural Computing and Applications 35, 2023";
    private const string Daudt2018 = "Daudt, Le Saux, Boulch: Fully convolutional siamese networks for change detection, ICIP 2018";

    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        new("fc-ef", "both dates side by side through one network", Daudt2018, config => new FcEf(config), ReceptiveField.Of(FcDecoder.ToInput)),
        new("fc-siam-conc", "one encoder for both dates, features of both as skips", Daudt2018, config => new FcSiamConc(config), ReceptiveField.Of(FcDecoder.ToInput)),
        new("fc-siam-diff", "one encoder for both dates, absolute differences as skips", Daudt2018, config => new FcSiamDiff(config), ReceptiveField.Of(FcDecoder.ToInput)),
        new("fresunet", "both dates side by side through a network of residual blocks", Daudt2019, config => new FresUNet(config), ReceptiveField.Of(FresUNet.ToInput)),
        new("siamese-fcnn", "two encoders, signed differences, 2x2 kernels, linear but for max pooling", "a Keras variant of FC-Siam-diff", config => new SiameseFcnn(config), ReceptiveField.Of(SiameseFcnn.ToInput)),
        new("snunet", "a nested U over the features of both dates, with channel attention", Fang2022, config => new SnUNet(config)),
        new("tinycd", "the first stages of EfficientNet-B4, masks from both dates, a decoder multiplied with them", Codegoni2023, config => new TinyCd(config)),
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
