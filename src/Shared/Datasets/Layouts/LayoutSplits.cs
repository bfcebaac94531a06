using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// Reads which folders are which splits: <c>splits: [train, val]</c>, where each is called as its folder, or
/// <c>splits: { train: [train, tier3], val: hold }</c>.
/// </summary>
internal static class LayoutSplits
{
    private const string Key = "splits";

    /// <returns>Folders with their splits; null where the document does not say.</returns>
    public static IReadOnlyDictionary<string, string>? Read(LayoutKeys keys)
    {
        if (keys.Find(Key) is not { } node)
            return null;
        var splits = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (node is not MappingNode mapping)
        {
            foreach (var word in keys.Texts(Key) ?? [])
                Add(keys, splits, node.Origin, word, word);
            return splits;
        }
        foreach (var entry in mapping.Entries)
        {
            var words = new LayoutKeys(mapping, Key, [.. mapping.Entries.Select(one => one.Key)], keys.Errors).Texts(entry.Key);
            foreach (var word in words ?? [])
                Add(keys, splits, entry.Value.Origin, word, entry.Key);
        }
        return splits;
    }

    /// <summary>The split of pairs that nothing else puts into one.</summary>
    public static string? ReadDefault(LayoutKeys keys)
    {
        if (keys.Text("split") is not { } split)
            return null;
        if (DatasetManifestRules.NameViolation(split) is { } violation)
            keys.Wrong("split", $"names a split which {violation} (value was {PrintableText.Text(split)})");
        return split;
    }

    private static void Add(LayoutKeys keys, Dictionary<string, string> splits, Origin origin, string word, string split)
    {
        if (DatasetManifestRules.NameViolation(split) is { } violation)
            keys.Errors.Add(origin, Key, $"names a split '{PrintableText.Text(split)}', which {violation}");
        if (!splits.TryAdd(UnicodeName.Composed(word), split))
            keys.Errors.Add(origin, Key, $"has '{PrintableText.Text(word)}' twice", "Each folder is of one split.");
    }
}
