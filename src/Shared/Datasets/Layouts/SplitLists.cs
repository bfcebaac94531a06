namespace ChangeDetection.Datasets.Layouts;

/// <summary>Puts pairs into splits by lists of their names, one list for each split.</summary>
internal sealed class SplitLists(LayoutDocument layout, LayoutForm form, SourceFolder root)
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>Every pair once per list that names it; pairs that no list names, without a split, so that they are reported.</summary>
    /// <exception cref="DatasetSourceException">A list is empty or names a pair twice, or there are two of one split.</exception>
    public IEnumerable<SourcePair> Assign(PathTemplate template, IReadOnlyList<SourcePair> pairs)
    {
        var byPath = pairs.ToDictionary(pair => pair.Path, StringComparer.Ordinal);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (split, list) in Lists(template))
        {
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
                    ? pair with { Split = split, Problem = pair.Problem is { } problem ? $"{entry.Place}: {problem}" : null, ListedAt = entry.Place }
                    : new SourcePair
                    {
                        Path = entry.Name,
                        Split = split,
                        Problem = $"{entry.Place}: there is no pair '{entry.Name}' in {Places()}. Correct the list, or add the files.",
                    };
            }
        }
        foreach (var pair in pairs.Where(pair => !named.Contains(pair.Path)))
            yield return pair with { Split = layout.Split };
    }

    private IEnumerable<(string Split, SourceFile List)> Lists(PathTemplate template)
    {
        var found = new TemplateWalk(root, layout).Find(template)
            .GroupBy(file => file.Values[PathTemplate.Split], file => file.File, StringComparer.Ordinal)
            .ToDictionary(lists => lists.Key, lists => lists.ToList(), StringComparer.Ordinal);
        foreach (var (word, split) in layout.Splits.OrderBy(split => split.Key, StringComparer.Ordinal))
        {
            if (!found.TryGetValue(word, out var lists))
                continue;
            if (lists.Count > 1)
                throw new DatasetSourceException([$"{lists[0].Path} and {lists[1].Path} are both lists of '{word}'. Remove one."]);
            yield return (split, lists[0]);
        }
    }

    private string Places() => LayoutText.And([.. form.Roles
        .Select(role => role.Template.FolderOf(s_none) is { Length: > 0 } folder ? folder : role.Template.Text).Distinct(StringComparer.Ordinal)]);

    /// <summary>
    /// The name that the pair of a listed name has. Lists name files with their extension, without, or with that of another format; and a name may hold dots
    /// of its own, so that only what is an image's extension is taken off.
    /// </summary>
    private static string StemOf(string name, Dictionary<string, SourcePair> pairs) =>
        pairs.ContainsKey(name) || !SourceFolder.IsImage(name) ? name : name[..^Path.GetExtension(name).Length];
}
