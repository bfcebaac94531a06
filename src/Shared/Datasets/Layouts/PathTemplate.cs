using System.Text.RegularExpressions;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// A path below the source with places for names: <c>{split}/A/{name}.{image}</c>. <c>*</c> stands for anything within a name, <c>**</c> for any number of
/// folders.
/// </summary>
internal sealed partial class PathTemplate
{
    public const string Split = "split", Name = "name", Image = "image";

    private PathTemplate(string text, IReadOnlyList<TemplateSegment> segments) => (Text, Segments) = (text, segments);

    public string Text { get; }

    public IReadOnlyList<TemplateSegment> Segments { get; }

    /// <summary>Its placeholders in their order, each once; without that of the suffix.</summary>
    public IReadOnlyList<string> Placeholders =>
        [.. Segments.SelectMany(segment => segment.Placeholders).Where(name => name != Image).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads a template; the second value says what is wrong with it, as the end of a sentence, and is null where nothing is.</summary>
    public static (PathTemplate? Template, string? Problem) Parse(string text)
    {
        var composed = UnicodeName.Composed(text);
        var parts = composed.Split('/');
        if (composed.Length == 0 || composed[0] == '/' || parts.Any(part => part is "" or "." or ".."))
            return (null, "must be a path below SOURCE without empty parts, '.' or '..'");
        var segments = new List<TemplateSegment>();
        foreach (var (at, part) in parts.Index())
        {
            var (segment, problem) = TemplateSegment.Parse(part);
            if (segment is null)
                return (null, problem);
            if (segment.IsAnyFolders && at == parts.Length - 1)
                return (null, "must end in a file's name, not in **");
            if (segment.Placeholders.Contains(Image) && at < parts.Length - 1)
                return (null, "has {image}, which stands for a suffix, before the last part of the path");
            if (at == parts.Length - 1 && segment.SuffixWord is { } word && word != Image)
                return (null, $"has {{{word}}} where a file's suffix stands: the word for any that is read is {{image}}");
            segments.Add(segment);
        }
        return (new PathTemplate(composed, segments), null);
    }

    /// <summary>The path with values put in; what has none stays a placeholder.</summary>
    public string Fill(IReadOnlyDictionary<string, string> values) =>
        Placeholder().Replace(Text, match => values.GetValueOrDefault(match.Groups[1].Value, match.Value));

    /// <summary>The part before the file's name, filled in.</summary>
    public string FolderOf(IReadOnlyDictionary<string, string> values)
    {
        var filled = Fill(values);
        return filled.LastIndexOf('/') is > 0 and var end ? filled[..end] : "";
    }

    public override string ToString() => Text;

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Placeholder();
}
