using System.Globalization;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>A name in a list, and where it stands.</summary>
internal sealed record ListedName(string Name, SourceFile List, int Line)
{
    /// <summary>How messages call the place.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{List.Path}, line {Line}");
}

/// <summary>
/// A text file that names what belongs to a split, a name per line. White space around a name, carriage returns, a byte order mark and empty lines count for
/// nothing.
/// </summary>
internal static class NameList
{
    private const long MaxBytes = 64 << 20;

    /// <param name="commas">Whether a comma ends a name, as a line does.</param>
    /// <exception cref="DatasetSourceException">It holds no name, or one name twice; the message names the lines.</exception>
    public static IReadOnlyList<ListedName> Read(SourceFile list, bool commas = false)
    {
        // An empty file may be a pipe, which would never end: it is not opened.
        if (new FileInfo(list.FullPath).Length is var length && length is 0 or > MaxBytes)
            throw new DatasetSourceException(
                [string.Create(
                    CultureInfo.InvariantCulture, $"{list.Path} has {length} bytes, so it is no list of names. Write one name per line.")]);
        var names = File.ReadLines(list.FullPath)
            .SelectMany((text, line) => (commas ? text.Split(',') : [text]).Select(name => new ListedName(UnicodeName.Composed(name.Trim()), list, line + 1)))
            .Where(entry => entry.Name.Length > 0)
            .ToList();
        if (names.Count == 0)
            throw new DatasetSourceException([$"{list.Path} names nothing: all of its lines are empty. Write one name per line, or remove the file."]);
        RefuseTwins(names);
        return names;
    }

    private static void RefuseTwins(List<ListedName> names)
    {
        const int Shown = 20;
        var twins = names
            .GroupBy(entry => entry.Name, StringComparer.Ordinal)
            .SelectMany(
                same => same.Skip(1)
                .Select(entry => $"{entry.Place}: '{entry.Name}' stands there a second time, after line {same.First().Line}. Remove one of the two."))
            .ToList();
        if (twins.Count > 0)
            throw new DatasetSourceException([.. twins.Take(Shown)], twins.Count);
    }
}
