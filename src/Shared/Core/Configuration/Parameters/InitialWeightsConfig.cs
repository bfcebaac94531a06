namespace ChangeDetection.Core.Configuration.Parameters;

/// <summary>What the weights of a network start from, as <c>model.init</c> says it: in one word, or as a mapping that brings the names together.</summary>
public sealed record InitialWeightsConfig
{
    /// <summary>
    /// <see cref="ModelConfig.FreshWeights"/>; or the absolute URI of a file, safetensors or PyTorch's zip format; or the id of a run, in whose place
    /// submitting puts the URI of its best checkpoint.
    /// </summary>
    public string From { get; init; } = ModelConfig.FreshWeights;
    /// <summary>The entry of a PyTorch file that holds the weights, dotted; empty: it is found.</summary>
    public string Key { get; init; } = "";
    /// <summary>
    /// The beginnings of the network's names that are taken from the file (<see cref="ParameterPattern"/>), all else staying as drawn; empty: all of it, and
    /// the file is to hold nothing else.
    /// </summary>
    public ValueList<string> Only { get; init; } = [];
    /// <summary>Rules for the file's names (<see cref="ParameterRename"/>); of a name, the first that matches.</summary>
    public ValueList<string> Rename { get; init; } = [];

    /// <summary>Whether all weights are drawn from the seed.</summary>
    public bool IsFresh => From == ModelConfig.FreshWeights;

    /// <summary>Whether <see cref="From"/> says all of it.</summary>
    internal bool IsPlain => this == FromString(From);

    public static implicit operator InitialWeightsConfig(string from) => FromString(from);

    public static InitialWeightsConfig FromString(string from) => new() { From = from };
}
