using System.Text;
using System.Text.RegularExpressions;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Splitting;

/// <summary>
/// A <c>--group</c>: a pattern over the path of a pair below the source, as those of <c>--split</c>, in which <c>{place}</c> matches the text that is the
/// group. Segments are names with <c>*</c> (any text), <c>?</c> (a character) and <c>#</c> (a number); a pattern that ends early takes all that lies in the
/// folder. What a placeholder matches is as short as it can be, so that a group is rather too large than too small; of several, all together are the group.
/// </summary>
public sealed partial class GroupPattern
{
    public const string Syntax = "a pattern of names, *, ? and # (a number) with the group in braces, such as '{place}_*' or '{place}_#_#'";

    private const int Longest = 200;

    private readonly string _text;
    private readonly Regex _regex;

    private GroupPattern(string text, Regex regex) => (_text, _regex) = (text, regex);

    /// <summary>How many segments it has.</summary>
    public int Segments => _text.Split('/').Length;

    /// <exception cref="PackRequestException">It names no group, a brace is left open, or a segment leaves its folder.</exception>
    public static GroupPattern Parse(string text)
    {
        var segments = text.TrimEnd('/').Split('/');
        if (segments.Any(segment => segment is "" or "." or "..") || text.Length > Longest)
            throw new PackRequestException($"--group '{text}' has an empty segment, '.' or '..', or is longer than {Longest} characters. Write {Syntax}.");
        var parts = Parts().Matches(string.Join('/', segments));
        if (parts.Any(part => part.Value is "{" or "}"))
            throw new PackRequestException($"--group '{text}': a brace stands alone, or holds no name of letters and digits. Write {Syntax}.");
        if (!parts.Any(part => part.Value[0] == '{'))
            throw new PackRequestException($"--group '{text}' does not say what the group is. Write {Syntax}.");
        var regex = new StringBuilder(@"\A");
        foreach (var part in parts.Select(part => part.Value))
            regex.Append(part[0] switch { '{' => "([^/]+?)", '*' => "[^/]*?", '?' => "[^/]", '#' => "[0-9]+", _ => Regex.Escape(part) });
        // The pattern is a user's, and the names are anybody's: no name may take long to match.
        return new(string.Join('/', segments), new Regex(
            regex.Append(@"(?:/.*)?\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline));
    }

    /// <summary>The group of a pair; null where the pattern does not match.</summary>
    /// <param name="path">The pair's path, in the form NFC.</param>
    public string? GroupOf(string path) =>
        _regex.Match(path) is { Success: true } match ? string.Join('/', match.Groups.Values.Skip(1).Select(group => group.Value)) : null;

    public override string ToString() => _text;

    [GeneratedRegex(@"\{[A-Za-z0-9_]+\}|[{}*?#]|[^{}*?#]+", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
