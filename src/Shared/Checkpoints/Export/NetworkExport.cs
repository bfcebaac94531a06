namespace ChangeDetection.Checkpoints.Export;

/// <summary>Weights together with what computes with them, as another program is to run them.</summary>
/// <param name="Model">The network; its input is two images [N, C, H, W], float32, normalised as <paramref name="Normalization"/> says.</param>
/// <param name="Weights">By name; all of the network's.</param>
public sealed record NetworkExport(CheckpointModel Model, CheckpointNormalization Normalization, IReadOnlyDictionary<string, TensorData> Weights)
{
    internal const string Before = "before";
    internal const string After = "after";

    /// <summary>Networks whose computation can be written.</summary>
    public static IReadOnlyList<string> KnownModels => FullyConvolutionalGraph.Known;

    /// <summary>The normalization as JSON, kept in the file: the network does not do it.</summary>
    internal string NormalizationJson => System.Text.Json.JsonSerializer.Serialize(Normalization, s_json);

    private static readonly System.Text.Json.JsonSerializerOptions s_json = new() { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The weights of a layer's part, such as <c>conv11.bias</c>.</summary>
    internal TensorData Tensor(string name) => Weights.TryGetValue(name, out var tensor)
        ? tensor
        : throw new CheckpointInvalidException(Model.Name, $"tensor '{name}' is missing, so these are not the network's weights.");

    internal void RequireKnown()
    {
        if (!KnownModels.Contains(Model.Name))
            throw new NotSupportedException($"The computation of {Model.Name} cannot be written to another format; that of {string.Join(", ", KnownModels)} can.");
    }
}
