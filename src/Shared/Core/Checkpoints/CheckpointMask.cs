using System.Text.Json.Serialization;

namespace ChangeDetection.Core.Checkpoints;

/// <summary>What the values of the masks meant that a network was trained on.</summary>
public sealed record CheckpointMask
{
    /// <summary>What a value of the source's masks is: <c>number</c>, <c>colour</c> or <c>index</c> of a palette; null where nobody knows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unit { get; init; }

    /// <summary>The values that were change; null where there were classes, or where masks were told by themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Change { get; init; }

    /// <summary>The values of unlabelled pixels; null where there were none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ignore { get; init; }

    /// <summary>The masks' classes by their numbers, that of no change first; null where they told change and no change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CheckpointClass>? Classes { get; init; }

    /// <summary><c>dataset.mask.change</c> of the config: which classes were change to a network of two; null where it was not said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Chosen { get; init; }
}

/// <summary>A class, and the values of the source's masks that it had.</summary>
public sealed record CheckpointClass(string Name, string Values);
