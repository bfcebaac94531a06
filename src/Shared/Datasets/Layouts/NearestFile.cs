using System.Text;
using ChangeDetection.Core.Configuration.Schema;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>
/// Finds what may have been meant by a path that is not there: the same name with another suffix, in another case or Unicode form, or a similar one.
/// </summary>
internal static class NearestFile
{
    private const string AnySuffix = ".{image}";
    private const int LeastContained = 3;

    /// <summary>The nearest file or folder of a source, with how it differs, as a sentence; null where there is none.</summary>
    /// <param name="path">As a template has it, with what is known filled in.</param>
    /// <param name="used">Paths of files that belong elsewhere.</param>
    public static string? To(SourceFolder root, string path, IReadOnlySet<string> used)
    {
        var (folder, parts) = (root, path.Split('/'));
        foreach (var part in parts[..^1])
        {
            if (part.AsSpan().ContainsAny('*', '{'))
                return null;
            if (folder.Folder(part) is not { } next)
                return Near(part, [.. folder.Folders().Select(one => one.Name)]) is var (name, how)
                    ? $"There is no folder {Below(folder, part)}; the nearest is {Below(folder, name)} ({how})."
                    : $"There is no folder {Below(folder, part)}; {Holds(folder)}.";
            folder = next;
        }
        var files = folder.Files().Where(file => !used.Contains(file.Path)).Select(file => file.Name).ToList();
        var wanted = parts[^1].Replace(AnySuffix, "", StringComparison.Ordinal);
        if (wanted.AsSpan().ContainsAny('*', '{'))
            return $"{Holds(folder)}.";
        return Near(wanted, files) is var (nearest, difference) ? $"The nearest to {path} is {Below(folder, nearest)} ({difference})." : null;
    }

    /// <summary>The nearest folder to one that is not there, as a sentence; null where there is none.</summary>
    public static string? ToFolder(SourceFolder root, string path)
    {
        var parts = path.Split('/');
        var above = parts[..^1].Aggregate((SourceFolder?)root, (folder, part) => folder?.Folder(part));
        return above is not null && Near(parts[^1], [.. above.Folders().Select(one => one.Name)]) is var (name, how)
            ? $"The nearest to {path} is {Below(above, name)} ({how})." : null;
    }

    private static (string Name, string How)? Near(string wanted, IReadOnlyList<string> names)
    {
        var stem = Path.GetFileNameWithoutExtension(wanted) is { Length: > 0 } cut && SourceFolder.IsImage(wanted) ? cut : wanted;
        var folded = Folded(stem);
        var longer = names.Where(name => Contains(StemOf(name), stem)).OrderBy(name => name.Length).FirstOrDefault();
        return First(names, name => StemOf(name) == stem, "another suffix")
            ?? First(names, name => string.Equals(StemOf(name), stem, StringComparison.OrdinalIgnoreCase), "another case")
            ?? First(names, name => Folded(StemOf(name)) == folded, "another Unicode form")
            ?? (longer is null ? null : ((string, string)?)(longer, "another name"))
            ?? (NearestName.Find(stem, names.Select(StemOf)) is { } similar ? First(names, name => StemOf(name) == similar, "another name") : null);
    }

    private static (string, string)? First(IReadOnlyList<string> names, Func<string, bool> isIt, string how) =>
        names.FirstOrDefault(isIt) is { } name ? (name, how) : null;

    /// <summary>Whether one is the other with more around it; a very short one has to be followed by what is no letter.</summary>
    private static bool Contains(string one, string other)
    {
        var (longer, shorter) = one.Length >= other.Length ? (one, other) : (other, one);
        return shorter.Length >= LeastContained
            ? longer.Contains(shorter, StringComparison.OrdinalIgnoreCase)
            : longer.Length > shorter.Length && longer.StartsWith(shorter, StringComparison.OrdinalIgnoreCase) && !char.IsLetterOrDigit(longer[shorter.Length]);
    }

    private static string StemOf(string name) => SourceFolder.IsImage(name) || name.LastIndexOf('.') > 0 ? Path.GetFileNameWithoutExtension(name) : name;

    /// <summary>Letters that look alike are one: full-width digits, ligatures, either case.</summary>
    private static string Folded(string name) => (Ascii.IsValid(name) ? name : name.Normalize(NormalizationForm.FormKC)).ToUpperInvariant();

    /// <summary>The first entries of a folder, as a sentence without its full stop.</summary>
    public static string Holds(SourceFolder folder)
    {
        const int Shown = 5;
        var names = folder.Folders().Select(one => $"{one.Name}/").Concat(folder.Files().Select(file => file.Name)).ToList();
        return $"{(folder.Path.Length == 0 ? "SOURCE" : folder.Path)} holds " +
            (names.Count == 0 ? "nothing" : $"{string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", …" : "")}");
    }

    private static string Below(SourceFolder folder, string name) => folder.Path.Length == 0 ? name : $"{folder.Path}/{name}";
}
