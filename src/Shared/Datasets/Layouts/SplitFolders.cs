namespace ChangeDetection.Datasets.Layouts;

/// <summary>Layouts that have a folder per split, with one folder each for before, after and mask inside.</summary>
internal static class SplitFolders
{
    public static IReadOnlyList<string> Names { get; } = ["test", "train", "val"];

    /// <summary>The pairs of all split folders that are there; empty when none is.</summary>
    /// <exception cref="DatasetSourceException">A split folder lacks one of its three folders.</exception>
    public static IReadOnlyList<SourcePair> List(SourceFolder source, string before, string after, string mask) =>
        [.. Names.SelectMany(split => source.Folder(split) is { } folder ? OfSplit(split, folder, before, after, mask) : [])];

    private static IEnumerable<SourcePair> OfSplit(string split, SourceFolder folder, string before, string after, string mask)
    {
        var parts = new[] { before, after, mask }.Select(name => (name, found: folder.Folder(name))).ToList();
        var missing = parts.Where(part => part.found is null).Select(part => $"{folder.Path}/{part.name}").ToList();
        if (missing.Count > 0)
            throw new DatasetSourceException(
                [$"{folder.Path} lacks the folder{(missing.Count > 1 ? "s" : "")} {string.Join(" and ", missing)}. Add what is missing, or choose " +
                "another --layout."]);
        return PairsByName.Join(split, split, parts[0].found!, parts[1].found!, parts[2].found!);
    }
}
