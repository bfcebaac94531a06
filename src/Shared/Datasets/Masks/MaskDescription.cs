using System.Globalization;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Masks;

/// <summary>What a data set's masks mean, for people.</summary>
public static class MaskDescription
{
    private const int ShownValues = 12;

    private static readonly Dictionary<string, string> s_from = new(StringComparer.Ordinal)
    {
        [MaskRules.FromOption] = "the options given",
        [MaskRules.FromLayout] = "the layout",
        [MaskRules.FromValues] = "their values",
    };

    /// <summary>Such as <c>numbers: 1 is change, 255 is unlabelled, all else is no change (by the options given)</c>.</summary>
    /// <param name="classes">The data set's; null for change and no change alone.</param>
    public static string Rule(MaskManifest mask, IReadOnlyList<ClassManifest>? classes)
    {
        var unit = mask.Unit == "index" ? "indices" : $"{mask.Unit}s";
        var band = mask.Band is { } number ? string.Create(CultureInfo.InvariantCulture, $" in channel {number}") : "";
        return $"{unit}{band}: {Rule(mask.Change, classes, mask.Ignore)} (by {s_from.GetValueOrDefault(mask.RuleFrom, mask.RuleFrom)})";
    }

    /// <summary>The values that were found and how many pixels have each, the most frequent first.</summary>
    public static string Values(MaskManifest mask)
    {
        var shown = mask.Values.OrderByDescending(value => value.Pixels).Take(ShownValues)
            .Select(value => string.Create(CultureInfo.InvariantCulture, $"{value.Value} ({value.Pixels:#,0})"));
        var others = mask.Values.Count - ShownValues;
        return string.Join(", ", shown) + (others > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {others} others") : "");
    }

    /// <summary>Such as <c>1 is change, 255 is unlabelled, all else is no change</c>.</summary>
    internal static string Rule(string? change, IReadOnlyList<ClassManifest>? classes, string? ignore)
    {
        var parts = new List<string>();
        if (change is not null)
            parts.Add($"{change} is change");
        parts.AddRange(classes?.Select(one => $"{one.Values} is {one.Name}") ?? []);
        if (ignore is not null)
            parts.Add($"{ignore} is unlabelled");
        if (change is not null)
            parts.Add("all else is no change");
        return string.Join(", ", parts);
    }
}
