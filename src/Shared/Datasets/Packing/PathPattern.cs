using System.Globalization;
using System.IO.Enumeration;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Comma-separated items over the path of a pair below the source. Each segment of an item is a name, a glob (<c>*</c>, <c>?</c>) or a range of
/// numbers (<c>2-6</c>); an item that ends early takes all that lies in the folder; one without a slash stands in the folder of the item
/// before it, so that <c>Szada/1,3-5</c> means what it says.
/// </summary>
public sealed class PathPattern
{
    /// <summary>The language, for help texts.</summary>
    public const string Language =
        "A PATTERN is over a pair's path below SOURCE, without an extension: names with commas between them; in each segment a name, a glob (*, ?) or a " +
        "range of numbers (2-6). One that ends early takes all that lies in the folder; one without a slash stands in the folder of the one before it. " +
        "@x,y,w,h cuts a rectangle, in pixels from the top left.";

    private PathPattern(IReadOnlyList<Item> items) => Items = items;

    /// <summary>The items, each of which must match something.</summary>
    public IReadOnlyList<Item> Items { get; }

    /// <exception cref="PackRequestException">An item is empty, leaves its folder, or is a range that runs backwards.</exception>
    public static PathPattern Parse(string text)
    {
        var items = new List<Item>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var segments = part.TrimEnd('/').Split('/');
            if (segments.Any(segment => segment is "" or "." or ".."))
                throw new PackRequestException(
                    $"The pattern '{text}' has an item '{part}' with an empty segment, '.' or '..'. Write paths below SOURCE, such as Szada/2-6.");
            if (segments.Length == 1 && items.Count > 0)
                segments = [.. items[^1].Segments[..^1], segments[0]];
            items.Add(new Item(segments));
        }
        return new(items);
    }

    public bool Matches(string path) => Items.Any(item => item.Matches(path));

    /// <summary>One of the comma-separated items.</summary>
    public sealed class Item
    {
        private readonly Func<string, bool>[] _matchers;

        internal Item(string[] segments) => (Segments, _matchers) = (segments, [.. segments.Select(Matcher)]);

        internal string[] Segments { get; }

        public bool Matches(string path)
        {
            var segments = path.Split('/');
            return _matchers.Length <= segments.Length && _matchers.Zip(segments).All(pair => pair.First(pair.Second));
        }

        public override string ToString() => string.Join('/', Segments);

        private static Func<string, bool> Matcher(string segment)
        {
            // A name that looks like a range or a glob is still matched by itself.
            if (Range(segment) is var (first, last))
                return name => name == segment || Number(name) is { } number && number >= first && number <= last;
            return name => name == segment || FileSystemName.MatchesSimpleExpression(segment, name, ignoreCase: false);
        }

        private static (long First, long Last)? Range(string segment)
        {
            if (segment.Split('-') is not [var low, var high] || Number(low) is not { } first || Number(high) is not { } last)
                return null;
            return first <= last ? (first, last) : throw new PackRequestException($"The range '{segment}' runs backwards. Write {last}-{first}.");
        }

        private static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
