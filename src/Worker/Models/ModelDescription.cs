using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// A module with weights of its own. <paramref name="Shape"/> is its weight's; <paramref name="Parameters"/> counts trainable numbers;
/// <paramref name="MultiplyAccumulates"/> is per pixel of the image, both dates together.
/// </summary>
public sealed record LayerDescription(string Name, string Type, IReadOnlyList<long> Shape, long Parameters, double MultiplyAccumulates);

/// <summary>What <c>model show</c> prints of a network.</summary>
public sealed record ModelDescription
{
    public required string Name { get; init; }
    public required string Summary { get; init; }
    public required string Source { get; init; }
    /// <summary>Channels per date that the counts hold for.</summary>
    public required int Channels { get; init; }
    /// <summary>Trainable numbers.</summary>
    public required long Parameters { get; init; }
    /// <summary>Numbers kept beside them, such as running statistics.</summary>
    public required long Buffers { get; init; }
    /// <summary>Of all convolutions, per pixel of the image, both dates together.</summary>
    public required double MultiplyAccumulates { get; init; }
    public required IReadOnlyList<LayerDescription> Layers { get; init; }
    /// <summary>How far an output pixel sees; null where all of the image decides about each pixel.</summary>
    public required ReceptiveField? Field { get; init; }

    /// <summary>The <c>normalize</c> that weights of its authors want; null where none is known.</summary>
    public required string? PublishedNormalization { get; init; }

    /// <exception cref="UnknownModelException">No network has this name.</exception>
    public static ModelDescription Of(ModelConfig config)
    {
        var factory = ModelCatalogue.Find(config.Name);
        var known = ModelNames.Summaries.Single(model => model.Name == config.Name);
        using var scope = NewDisposeScope();
        using var network = factory.Create(config);
        var counts = Models.MultiplyAccumulates.PerPixel(network);
        return new ModelDescription
        {
            Name = known.Name,
            Summary = known.Summary,
            Source = known.Source,
            Channels = config.Channels,
            Field = factory.Field,
            PublishedNormalization = known.PublishedNormalization?.ToString(),
            Parameters = network.parameters().Sum(parameter => parameter.numel()),
            Buffers = network.buffers().Sum(buffer => buffer.numel()),
            MultiplyAccumulates = counts.Values.Sum(),
            Layers = [
                .. network.named_modules().Where(named => named.module.parameters(recurse: false).Any())
                .Select(named => Describe(named.name, named.module, counts.GetValueOrDefault(named.name)))],
        };
    }

    private static LayerDescription Describe(string name, nn.Module module, double multiplyAccumulates)
    {
        var parameters = module.named_parameters(recurse: false).ToList();
        var weight = parameters.FirstOrDefault(parameter => parameter.name == "weight").parameter;
        return new LayerDescription(
            name, module.GetType().Name, [.. weight?.shape ?? []], parameters.Sum(parameter => parameter.parameter.numel()), multiplyAccumulates);
    }
}
