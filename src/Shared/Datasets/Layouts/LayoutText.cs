namespace ChangeDetection.Datasets.Layouts;

/// <summary>How messages speak of a layout's files.</summary>
internal static class LayoutText
{
    private const string PlainName = "{name}.{image}";

    /// <summary>What a file of a pair is.</summary>
    public static string What(LayoutRole role) => role switch
    {
        LayoutRole.Before => "before image",
        LayoutRole.After => "after image",
        _ => "mask",
    };

    /// <summary>That a pair lacks a file, with where it would be and the remedy.</summary>
    public static string Missing(LayoutDocument layout, string pair, LayoutRole role, PathTemplate template, IReadOnlyDictionary<string, string> values)
    {
        var (folder, file) = (template.FolderOf(values), template.Segments[^1]);
        var name = template.Fill(values)[(folder.Length == 0 ? 0 : folder.Length + 1)..].Replace("{image}", layout.Suffixes[0], StringComparison.Ordinal);
        return file.IsOneName
            ? $"{pair}: the {What(role)} is missing: the folder has no {name}. Add it, or remove the folder."
            : $"{pair}: the {What(role)} is missing: {(folder.Length == 0 ? "SOURCE" : folder)} has no " +
                $"{(file.Text == PlainName ? "image of that name" : name)}. Add it, or remove the pair's other files.";
    }

    /// <summary>Where the files of a layout are, in a line.</summary>
    public static string Folders(LayoutDocument layout) =>
        layout.Folders ?? string.Join(", ", layout.Forms.SelectMany(form => form.Roles).GroupBy(role => role.Role)
            .Select(role => string.Join(" or ", role.Select(one => one.Template.Text).Distinct(StringComparer.Ordinal))));

    /// <summary>A list as a sentence has it.</summary>
    public static string And(IReadOnlyList<string> words) => words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";
}
