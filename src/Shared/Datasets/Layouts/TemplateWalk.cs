namespace ChangeDetection.Datasets.Layouts;

/// <summary>A file that fits a template, and what its placeholders stand for.</summary>
internal sealed record FoundFile(SourceFile File, IReadOnlyDictionary<string, string> Values);

/// <summary>Finds the files of a template below a source.</summary>
internal sealed class TemplateWalk(SourceFolder root, LayoutDocument layout)
{
    /// <summary>How many folders <c>**</c> stands for at most.</summary>
    private const int MostAnyFolders = 6;

    /// <summary>What macOS puts beside the files of an archive.</summary>
    private const string NoFolderOfOurs = "__MACOSX";

    private static readonly IReadOnlyDictionary<string, string> s_none = new Dictionary<string, string>(StringComparer.Ordinal);

    private readonly SortedDictionary<string, SortedSet<string>> _lacking = new(StringComparer.Ordinal);

    /// <summary>Folders of splits that lack a folder which the template names, each with those.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Lacking => _lacking;

    /// <exception cref="DatasetSourceException">Two folders differ by case alone, or a link leaves the source.</exception>
    public IReadOnlyList<FoundFile> Find(PathTemplate template) => [.. In(root, template.Segments, 0, s_none)];

    private IEnumerable<FoundFile> In(SourceFolder folder, IReadOnlyList<TemplateSegment> segments, int at, IReadOnlyDictionary<string, string> values)
    {
        var segment = segments[at];
        if (segment.IsAnyFolders)
            return AndBelow(folder, MostAnyFolders).SelectMany(inner => In(inner, segments, at + 1, values));
        if (at == segments.Count - 1)
            return Files(folder, segment, values);
        if (segment.IsName && layout.Depth > 1)
            return Named(folder, segments, at, values);
        if (segment.IsSplit && !values.ContainsKey(PathTemplate.Split))
            return layout.Splits.Keys.Select(word => (Folder: folder.Folder(word), Word: word)).Where(found => found.Folder is not null)
                .SelectMany(found => In(found.Folder!, segments, at + 1, With(values, PathTemplate.Split, found.Word)));
        if (!segment.IsLiteral)
            return Fitting(folder.Folders(), inner => inner.Name, segment, values).SelectMany(found => In(found.Entry, segments, at + 1, found.Values));
        if (folder.Folder(segment.Text) is { } next)
            return In(next, segments, at + 1, values);
        if (values.ContainsKey(PathTemplate.Split))
            (_lacking.TryGetValue(folder.Path, out var lacking) ? lacking : _lacking[folder.Path] = new(StringComparer.Ordinal))
                .Add($"{folder.Path}/{segment.Text}");
        return [];
    }

    /// <summary>Files of a folder; where the name of a pair may go deeper, those of folders inside too.</summary>
    private IEnumerable<FoundFile> Files(SourceFolder folder, TemplateSegment segment, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (inner, above) in Deeper(folder, segment.Placeholders.Contains(PathTemplate.Name) ? layout.Depth - 1 : 0))
        {
            foreach (var (file, found) in Fitting(inner.Files(), file => file.Name, segment, values))
                yield return new(file, above.Length == 0 ? found : With(found, PathTemplate.Name, $"{above}{found[PathTemplate.Name]}"));
        }
    }

    /// <summary>The name of a pair as folders; at the top, the source itself may be the pair's folder.</summary>
    private IEnumerable<FoundFile> Named(
        SourceFolder folder, IReadOnlyList<TemplateSegment> segments, int at, IReadOnlyDictionary<string, string> values)
    {
        if (values.TryGetValue(PathTemplate.Name, out var known))
        {
            var inner = known.Split('/').Aggregate((SourceFolder?)folder, (above, name) => above?.Folder(name));
            return inner is null ? [] : In(inner, segments, at + 1, values);
        }
        var below = Deeper(folder, layout.Depth).Skip(1).Select(one => (one.Folder, Name: one.Above.TrimEnd('/')));
        return (at == 0 ? below.Prepend((Folder: folder, folder.Name)) : below)
            .SelectMany(one => In(one.Folder, segments, at + 1, With(values, PathTemplate.Name, one.Name)));
    }

    private IEnumerable<(T Entry, IReadOnlyDictionary<string, string> Values)> Fitting<T>(
        IReadOnlyList<T> entries, Func<T, string> name, TemplateSegment segment, IReadOnlyDictionary<string, string> values)
    {
        var pattern = segment.Pattern(layout, values);
        foreach (var entry in entries)
        {
            if (pattern.Match(name(entry)) is not { Success: true } match)
                continue;
            var found = values;
            foreach (var placeholder in segment.Placeholders.Where(one => match.Groups[one].Success))
            {
                var value = match.Groups[placeholder].Value;
                found = With(found, placeholder, placeholder == PathTemplate.Split ? SplitWord(value) : value);
            }
            yield return (entry, found);
        }
    }

    private string SplitWord(string found) => layout.Splits.Keys.First(word => string.Equals(word, found, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<SourceFolder> AndBelow(SourceFolder folder, int levels) => Deeper(folder, levels).Select(one => one.Folder);

    /// <summary>The folder and those inside, each with its path from there, which ends in a slash.</summary>
    private static IEnumerable<(SourceFolder Folder, string Above)> Deeper(SourceFolder folder, int levels, string above = "") =>
        levels == 0 ? [(folder, above)] : folder.Folders().Where(inner => inner.Name != NoFolderOfOurs)
            .SelectMany(inner => Deeper(inner, levels - 1, $"{above}{inner.Name}/")).Prepend((folder, above));

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> values, string name, string value) =>
        new(values, StringComparer.Ordinal) { [name] = value };
}
