using System.Text.Json;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Weights.Export;

/// <summary>Weights together with what computes with them, as another program is to run them.</summary>
/// <param name="Model">The network; its input is two images [N, C, H, W], float32, normalised as <paramref name="Normalization"/> says.</param>
/// <param name="Weights">By name; all of the network's.</param>
public sealed record NetworkExport(CheckpointModel Model, CheckpointNormalization Normalization, IReadOnlyDictionary<string, TensorData> Weights)
{
    /// <summary>What the file is to say of itself; null for the normalization alone.</summary>
    public WeightsMeaning? Meaning { get; init; }

    internal const string Before = "before";
    internal const string After = "after";

    internal static Implementations<NetworkDescriptionFactory> Descriptions { get; } = new();

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Networks whose computation can be written.</summary>
    public static IReadOnlyList<string> KnownModels => Descriptions.Names;

    /// <summary>K of the output [N, K, H, W].</summary>
    internal int Classes => Model.Classes ?? 2;

    /// <summary>The normalization as JSON, kept in the file: the network does not do it.</summary>
    internal string NormalizationJson => JsonSerializer.Serialize(Normalization, s_json);

    /// <summary>The weights of a layer's part, such as <c>conv11.bias</c>.</summary>
    internal TensorData Tensor(string name) => Weights.TryGetValue(name, out var tensor)
        ? tensor
        : throw new CheckpointInvalidException(Model.Name, $"tensor '{name}' is missing, so these are not the network's weights.");

    /// <summary>Tells the network's computation.</summary>
    /// <returns>The output's name.</returns>
    /// <exception cref="NotSupportedException">It is not among <see cref="KnownModels"/>.</exception>
    internal string Tell(INetworkGraph graph) => KnownModels.Contains(Model.Name)
        ? Descriptions[Model.Name](graph, this).Tell(Before, After)
        : throw new NotSupportedException(
            $"The computation of {Model.Name} cannot be written to another format; that of {string.Join(", ", KnownModels)} can.");
}
