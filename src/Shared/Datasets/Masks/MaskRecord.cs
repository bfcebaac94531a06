using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Masks;

/// <summary>The rule that was found for all masks, and the values that it is of.</summary>
internal sealed record FoundRule(MaskMapping Mapping, ValueCounts Values);

/// <summary>Writes down in <c>dataset.json</c> which rule was found, and of which values.</summary>
internal static class MaskRecord
{
    /// <summary>More values are not written down: masks of object ids hold as many as there are objects.</summary>
    private const int MaxValues = 1000;

    /// <param name="raw">Whether the shards' masks keep the source's values.</param>
    public static MaskManifest Of(MaskMapping mapping, ValueCounts values, bool raw) => new()
    {
        RuleFrom = mapping.Rules.From,
        Unit = MaskUnits.Name(mapping.Unit),
        Band = mapping.Band,
        Change = mapping.Rules.Change?.Text,
        Ignore = mapping.Rules.Ignore?.Text,
        Raw = raw,
        Values = [.. Frequent(values).OrderBy(value => value.Key).Select(value => new MaskValueCount(mapping.Text(value.Key), value.Value.Pixels))],
    };

    private static IEnumerable<KeyValuePair<long, ValueCount>> Frequent(ValueCounts values) => values.Values.Count <= MaxValues
        ? values.All
        : values.All.OrderByDescending(value => value.Value.Pixels).ThenBy(value => value.Key).Take(MaxValues);
}
