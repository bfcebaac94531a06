namespace ChangeDetection.Datasets.Layouts;

/// <summary>Joins the files of three folders to pairs by name, never by position: three folders may sort differently, or lack a file.</summary>
internal static class PairsByName
{
    /// <summary>The pairs of the folders for before, after and mask.</summary>
    /// <param name="folder">Path of the pairs, before their name; empty for none.</param>
    /// <param name="split">The split that the layout puts them in.</param>
    public static IEnumerable<SourcePair> Join(string folder, string? split, SourceFolder before, SourceFolder after, SourceFolder mask)
    {
        var (befores, afters, masks) = (ByStem(before), ByStem(after), ByStem(mask));
        return befores.Keys.Union(afters.Keys).Union(masks.Keys).Order(StringComparer.Ordinal).Select(stem =>
        {
            var path = folder.Length == 0 ? stem : $"{folder}/{stem}";
            return new SourcePair
            {
                Path = path,
                Split = split,
                Before = befores[stem].FirstOrDefault(),
                After = afters[stem].FirstOrDefault(),
                Mask = masks[stem].FirstOrDefault(),
                Problem = Missing(path, "before image", before, befores[stem])
                    ?? Missing(path, "after image", after, afters[stem])
                    ?? Missing(path, "mask", mask, masks[stem]),
            };
        });
    }

    private static Lookup ByStem(SourceFolder folder) => new(folder.Images());

    private static string? Missing(string path, string what, SourceFolder folder, IReadOnlyList<SourceFile> files) => files.Count switch
    {
        0 => $"{path}: the {what} is missing: {folder.Path} has no image of that name. Add it, or remove the pair's other files.",
        1 => null,
        _ => $"{path}: {files[0].Path} and {files[1].Path} have one name, so it is not clear which is the {what}. Remove one.",
    };

    /// <summary>Files by stem; an empty list for a stem that is not there.</summary>
    private sealed class Lookup(IEnumerable<SourceFile> files)
    {
        private readonly Dictionary<string, List<SourceFile>> _files = files
            .GroupBy(file => file.Stem, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);

        public IEnumerable<string> Keys => _files.Keys;

        public IReadOnlyList<SourceFile> this[string stem] => _files.TryGetValue(stem, out var found) ? found : [];
    }
}
