namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// LEVIR-CD, WHU-CD, DSIFN and their kin: <c>{train,val,test}/{A,B,label}/NAME.png</c>, or <c>A B label</c> side by side
/// with the names of each split in <c>list/{train,val,test}.txt</c>.
/// </summary>
internal sealed class AbLabelLayout : IDatasetLayout
{
    public string Name => "ab-label";

    public string Folders => "{train,val,test}/{A,B,label}/NAME.png, or A B label with list/{train,val,test}.txt";

    public IReadOnlyList<SourcePair> List(string source)
    {
        var folder = SourceFolder.Open(source);
        return folder.Folder("A") is { } before && folder.Folder("B") is { } after && folder.Folder("label") is { } mask
            ? [.. WithLists(folder, [.. PairsByName.Join("", split: null, before, after, mask)])]
            : SplitFolders.List(folder, "A", "B", "label");
    }

    /// <summary>Every pair once per list that names it; pairs that no list names, without a split, so that they are reported.</summary>
    private static IEnumerable<SourcePair> WithLists(SourceFolder source, IReadOnlyList<SourcePair> pairs)
    {
        var byPath = pairs.ToDictionary(pair => pair.Path, StringComparer.Ordinal);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var split in SplitFolders.Names)
        {
            if (source.Folder("list")?.File($"{split}.txt") is not { } list)
                continue;
            var lines = new Dictionary<string, ListedName>(StringComparer.Ordinal);
            // A listed name is only ever looked up among the files that are there; it never becomes a path.
            foreach (var entry in NameList.Read(list))
            {
                var stem = StemOf(entry.Name, byPath);
                if (!lines.TryAdd(stem, entry))
                    throw new DatasetSourceException(
                        [$"{entry.Place}: '{entry.Name}' is the pair that '{lines[stem].Name}' in line {lines[stem].Line} is. Remove one of the " +
                        "two."]);
                named.Add(stem);
                yield return byPath.TryGetValue(stem, out var pair)
                    ? pair with { Split = split, Problem = pair.Problem is { } problem ? $"{entry.Place}: {problem}" : null }
                    : new SourcePair
                    {
                        Path = entry.Name,
                        Split = split,
                        Problem = $"{entry.Place}: there is no pair '{entry.Name}' in A, B and label. Correct the list, or add the files.",
                    };
            }
        }
        foreach (var pair in pairs.Where(pair => !named.Contains(pair.Path)))
            yield return pair;
    }

    /// <summary>
    /// The name that the pair of a listed name has. Lists name files with their extension, without, or with that of another format; and a name may hold dots
    /// of its own, so that only what is an image's extension is taken off.
    /// </summary>
    private static string StemOf(string name, Dictionary<string, SourcePair> pairs) =>
        pairs.ContainsKey(name) || !SourceFolder.IsImage(name) ? name : Path.GetFileNameWithoutExtension(name);
}
