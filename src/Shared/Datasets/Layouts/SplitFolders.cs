namespace ChangeDetection.Datasets.Layouts;

/// <summary>Layouts that have a folder per split, with one folder each for before, after and mask inside.</summary>
internal static class SplitFolders
{
    public static IReadOnlyList<string> Names { get; } = ["test", "train", "val"];

    /// <summary>The pairs of all split folders that are there; empty when none is.</summary>
    /// <exception cref="DatasetSourceException">Split folders lack one of their three folders.</exception>
    public static IReadOnlyList<SourcePair> List(SourceFolder source, string before, string after, string mask)
    {
        var splits = Names.Select(split => (split, folder: source.Folder(split))).Where(found => found.folder is not null).ToList();
        var problems = splits.Select(found => Lacking(found.folder!, [before, after, mask])).OfType<string>().ToList();
        return problems.Count > 0
            ? throw new DatasetSourceException(problems)
            : [.. splits.SelectMany(found => PairsByName.Join(
                found.split, found.split, found.folder!.Folder(before)!, found.folder.Folder(after)!, found.folder.Folder(mask)!))];
    }

    private static string? Lacking(SourceFolder folder, IReadOnlyList<string> names)
    {
        var missing = names.Where(name => folder.Folder(name) is null).Select(name => $"{folder.Path}/{name}").ToList();
        return missing.Count == 0
            ? null
            : $"{folder.Path} lacks the folder{(missing.Count > 1 ? "s" : "")} {string.Join(" and ", missing)}. " +
                "Add what is missing, or choose another --layout.";
    }
}
