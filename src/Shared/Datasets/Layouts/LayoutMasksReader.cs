using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// Reads what a layout says of its masks' values: <c>rule: { change: "&gt; 127", ignore: 255, band: 3 }</c>, or with <c>classes</c> for <c>change</c>.
/// </summary>
internal static class LayoutMasksReader
{
    private const string Path = "rule";
    private const int MostBands = 64;

    /// <returns>Null where it is wrong, which has then been reported.</returns>
    public static LayoutMasks? Read(ConfigNode node, ErrorList errors)
    {
        if (node is not MappingNode mapping)
        {
            errors.Add(
                node.Origin, Path, $"must be a word ({string.Join(", ", CodedRules.Words)}) or a mapping (value was {PrintableText.Value(node)})",
                "Write for example { change: \"> 127\" } or { classes: { none: 0, building: 1 } }.");
            return null;
        }
        var keys = new LayoutKeys(mapping, Path, ["change", "classes", "ignore", "band"], errors);
        var masks = new LayoutMasks(
            Rule(keys, keys.Find("change"), "change"), Classes(keys, errors), Rule(keys, keys.Find("ignore"), "ignore"), keys.Number("band", 1, MostBands));
        if (masks.Change is not null && masks.Classes.Count > 0)
            keys.Wrong("change", "stands beside classes, and the two are two ways to read a mask", "Leave one of them out.");
        List<MaskRule?> rules = [masks.Change, masks.Ignore, .. masks.Classes.Select(one => one.Values)];
        var colours = rules.OfType<MaskRule>().Select(rule => rule.IsOfColours).Distinct().ToList();
        if (colours.Count > 1 || colours.Contains(true) && masks.Band is not null)
            keys.Errors.Add(
                node.Origin, Path, "names some values as colours and others as numbers, or of one band",
                "Name all as colours such as \"#ff0000\", or all as numbers.");
        foreach (var (one, other) in Pairs([.. rules.OfType<MaskRule>()]))
        {
            if (one.InCommonWith(other) is { } value)
                keys.Errors.Add(
                    node.Origin, Path, $"has the value {(one.IsOfColours ? MaskRule.Colour(value) : value)} in both '{one}' and '{other}'",
                    "Give it to one of them.");
        }
        return masks;
    }

    private static List<LayoutClass> Classes(LayoutKeys keys, ErrorList errors)
    {
        if (keys.Find("classes") is not { } node)
            return [];
        if (node is not MappingNode { Count: >= 2 and <= ModelConfig.MaxClasses } mapping)
        {
            keys.Wrong(
                "classes",
                $"must name 2 to {ModelConfig.MaxClasses} classes with their values, first that of no change (value was {PrintableText.Value(node)})",
                "Write for example { none: 0, building: 1, water: \"4,7-9\" }.");
            return [];
        }
        foreach (var entry in mapping.Entries)
        {
            if (DatasetManifestRules.NameViolation(entry.Key) is { } violation)
                errors.Add(entry.KeyOrigin, $"{Path}.classes", $"names a class '{PrintableText.Text(entry.Key)}', which {violation}");
        }
        return [.. mapping.Entries.Select(entry => (entry.Key, Values: Rule(keys, entry.Value, $"classes.{PrintableText.Text(entry.Key)}")))
            .Where(one => one.Values is not null).Select(one => new LayoutClass(one.Key, one.Values!))];
    }

    private static MaskRule? Rule(LayoutKeys keys, ConfigNode? node, string key)
    {
        if (node is null)
            return null;
        var text = node is SequenceNode list && list.Items.TrueForAll(item => item is ScalarNode)
            ? string.Join(',', list.Items.Select(item => ((ScalarNode)item).Text))
            : (node as ScalarNode)?.Text;
        if (text is not null && MaskRule.TryParse(text) is { } rule)
            return rule;
        keys.Errors.Add(node.Origin, $"{Path}.{key}", $"must be {MaskRule.Form} (value was {PrintableText.Value(node)})", "Put it in quotes.");
        return null;
    }

    private static IEnumerable<(MaskRule One, MaskRule Other)> Pairs(List<MaskRule> rules) =>
        from one in rules.Index() from other in rules.Skip(one.Index + 1) select (one.Item, other);
}
