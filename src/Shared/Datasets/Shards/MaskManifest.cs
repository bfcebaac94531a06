using System.Text.Json.Serialization;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// What the values of a source's masks mean, and which were found in them: one rule for the whole data set. Values are written as in <c>--mask-change</c>:
/// whole numbers, colours <c>#rrggbb</c>, or indices of a palette.
/// </summary>
public sealed record MaskManifest
{
    /// <summary>Who said what the values mean: <c>option</c>, <c>layout</c>, or <c>values</c> where they cannot be misread.</summary>
    public required string RuleFrom { get; init; }

    /// <summary>What a value is: <c>number</c>, <c>colour</c> or <c>index</c> (of a palette).</summary>
    public required string Unit { get; init; }

    /// <summary>Which channel of the masks is read, from 1; null where they have one, or where their colours are read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Band { get; init; }

    /// <summary>The values that are change; null where there are classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Change { get; init; }

    /// <summary>The values of unlabelled pixels; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ignore { get; init; }

    /// <summary>
    /// True where the shards' masks hold the source's values, as another program wrote them: the rule is applied whenever they are read. Else they hold
    /// classes already.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Raw { get; init; }

    /// <summary>The values found and how many pixels have each, in the order of the values; the most frequent ones where there are very many.</summary>
    public required IReadOnlyList<MaskValueCount> Values { get; init; }
}

/// <summary>A value of the source's masks, and the pixels of the whole data set that have it.</summary>
public sealed record MaskValueCount(string Value, long Pixels);
