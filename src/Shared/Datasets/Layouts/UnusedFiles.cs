namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// Images beside those of pairs that no template takes: a pair all of whose files are misnamed is in no pair's way, and would be left out without a word.
/// </summary>
internal static class UnusedFiles
{
    private const int Shown = 3;

    /// <summary>A sentence about them; null where there are none.</summary>
    /// <remarks>
    /// A folder of which half of the images or more are left out is one from which a layout takes a part on purpose, such as one date of two or some bands.
    /// </remarks>
    /// <param name="pairs">All that a layout has found.</param>
    public static string? Warning(IReadOnlyList<SourcePair> pairs)
    {
        var used = pairs.SelectMany(pair => (SourceFile?[])[pair.Before, pair.After, pair.Mask]).OfType<SourceFile>().Where(file => file.Bands.Count == 0)
            .DistinctBy(file => file.Path, StringComparer.Ordinal).ToList();
        var unused = used.GroupBy(file => Path.GetDirectoryName(file.FullPath)!, StringComparer.Ordinal)
            .SelectMany(folder => Beside(folder.Key, [.. folder])).Order(StringComparer.Ordinal).ToList();
        return unused.Count == 0 ? null
            : $"{unused.Count} image{(unused.Count == 1 ? " lies" : "s lie")} beside those of pairs, and no template takes " +
                $"{(unused.Count == 1 ? "it" : "them")}: {string.Join(", ", unused.Take(Shown))}{(unused.Count > Shown ? ", …" : "")}. " +
                "Correct the names if they are of pairs too";
    }

    private static IEnumerable<string> Beside(string folder, IReadOnlyList<SourceFile> used)
    {
        var taken = used.Select(file => Path.GetFileName(file.FullPath)).ToHashSet(StringComparer.Ordinal);
        var others = Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file))
            .Where(name => name[0] != '.' && SourceFolder.IsImage(name) && !taken.Contains(name)).ToList();
        if (2 * others.Count >= taken.Count + others.Count)
            return [];
        var above = used[0].Path.LastIndexOf('/') is > 0 and var end ? used[0].Path[..(end + 1)] : "";
        return others.Select(name => above + UnicodeName.Composed(name));
    }
}
