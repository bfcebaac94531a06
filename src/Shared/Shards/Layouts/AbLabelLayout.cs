namespace ChangeDetection.Shards.Layouts;

/// <summary>
/// LEVIR-CD, WHU-CD, DSIFN and their kin: <c>{train,val,test}/{A,B,label}/NAME.png</c>, or <c>A B label</c> side by side
/// with the names of each split in <c>list/{train,val,test}.txt</c>.
/// </summary>
internal sealed class AbLabelLayout : IDatasetLayout
{
    private const long MaxListBytes = 64 << 20;

    public string Name => "ab-label";

    public string Folders => "{train,val,test}/{A,B,label}/NAME.png, or A B label with list/{train,val,test}.txt";

    public IReadOnlyList<SourcePair> List(string source)
    {
        var folder = SourceFolder.Open(source);
        var pairs = folder.Folder("A") is { } before && folder.Folder("B") is { } after && folder.Folder("label") is { } mask
            ? [.. WithLists(folder, [.. PairsByName.Join("", split: null, before, after, mask)])]
            : SplitFolders.List(folder, "A", "B", "label");
        return pairs.Count > 0 ? pairs : throw new PackRequestException($"SOURCE {source} holds no pair of the layout '{Name}', which is {Folders}.");
    }

    /// <summary>Every pair once per list that names it; pairs that no list names, without a split, so that they are reported.</summary>
    private static IEnumerable<SourcePair> WithLists(SourceFolder source, IReadOnlyList<SourcePair> pairs)
    {
        var lists = SplitFolders.Names.Select(split => (split, file: source.Folder("list")?.File($"{split}.txt"))).Where(list => list.file is not null).ToList();
        var byPath = pairs.ToDictionary(pair => pair.Path, StringComparer.Ordinal);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (split, file) in lists)
        {
            // A listed name is only ever looked up among the files that are there; it never becomes a path.
            foreach (var (name, line) in Read(file!))
            {
                var stem = byPath.ContainsKey(name) ? name : Path.GetFileNameWithoutExtension(name);
                named.Add(stem);
                yield return byPath.TryGetValue(stem, out var pair)
                    ? pair with { Split = split }
                    : new SourcePair { Path = name, Split = split, Problem = $"{file!.Path}, line {line}: there is no pair '{name}' in A, B and label. Correct the list, or add the files." };
            }
        }
        foreach (var pair in pairs.Where(pair => !named.Contains(pair.Path)))
            yield return pair;
    }

    private static IEnumerable<(string Name, int Line)> Read(SourceFile list)
    {
        // An empty file may be a pipe, which would never end: it is not opened.
        if (new FileInfo(list.FullPath).Length is var length && length is 0 or > MaxListBytes)
            throw new DatasetSourceException([$"{list.Path} has {length} bytes, so it is no list of names. Write one name per line."]);
        return File.ReadLines(list.FullPath)
            .Select((text, line) => (Name: text.Trim(), Line: line + 1))
            .Where(entry => entry.Name.Length > 0)
            .DistinctBy(entry => entry.Name, StringComparer.Ordinal);
    }
}
