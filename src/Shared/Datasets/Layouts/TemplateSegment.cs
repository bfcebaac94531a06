using System.Text;
using System.Text.RegularExpressions;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>One part of a template's path, between slashes.</summary>
internal sealed class TemplateSegment
{
    private const string AnyFolders = "**";
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
        | RegexOptions.NonBacktracking | RegexOptions.Singleline;

    private readonly IReadOnlyList<Part> _parts;

    private TemplateSegment(string text, IReadOnlyList<Part> parts) => (Text, _parts) = (text, parts);

    private enum Kind { Literal, Placeholder, Anything }

    /// <summary>As it is written.</summary>
    public string Text { get; }

    /// <summary>Whether it stands for any number of folders.</summary>
    public bool IsAnyFolders => Text == AnyFolders;

    /// <summary>Whether it is a name as it stands.</summary>
    public bool IsLiteral => !IsAnyFolders && _parts.All(part => part.Kind == Kind.Literal);

    /// <summary>Whether it is the name of the pair and nothing else.</summary>
    public bool IsName => _parts is [{ Kind: Kind.Placeholder, Text: PathTemplate.Name }];

    /// <summary>Whether it is the split and nothing else.</summary>
    public bool IsSplit => _parts is [{ Kind: Kind.Placeholder, Text: PathTemplate.Split }];

    public IReadOnlyList<string> Placeholders => [.. _parts.Where(part => part.Kind == Kind.Placeholder).Select(part => part.Text)];

    /// <summary>Whether its file's name says nothing of the pair: that is in the folders above.</summary>
    public bool IsOneName => _parts.All(part => part.Kind == Kind.Literal || part.Kind == Kind.Placeholder && part.Text == PathTemplate.Image);

    /// <summary>The placeholder that stands behind the last dot, and is all that stands there; null where none does.</summary>
    public string? SuffixWord =>
        _parts is [.., { Kind: Kind.Literal } before, { Kind: Kind.Placeholder } last] && before.Text.EndsWith('.') ? last.Text : null;

    public static (TemplateSegment? Segment, string? Problem) Parse(string text)
    {
        if (text == AnyFolders)
            return (new(text, []), null);
        if (text.Contains(AnyFolders, StringComparison.Ordinal))
            return (null, $"has {AnyFolders} beside other letters: it stands between slashes, for any number of folders");
        var parts = new List<Part>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '*')
            {
                parts.Add(new(Kind.Anything, "*"));
                at++;
            }
            else if (text[at] == '{')
            {
                var end = text.IndexOf('}', at);
                var name = end < 0 ? "" : text[(at + 1)..end];
                if (!IsPlaceholder(name))
                    return (null, $"has '{text[at..(end < 0 ? text.Length : end + 1)]}', which is no placeholder: {{name}}, a word of a-z and 0-9 in braces");
                if (parts.Any(part => part.Kind == Kind.Placeholder && part.Text == name))
                    return (null, $"has {{{name}}} twice between two slashes");
                parts.Add(new(Kind.Placeholder, name));
                at = end + 1;
            }
            else
            {
                var end = text.AsSpan(at).IndexOfAny('*', '{', '}') is >= 0 and var found ? at + found : text.Length;
                if (end == at)
                    return (null, "has a closing brace without an opening one");
                parts.Add(new(Kind.Literal, text[at..end]));
                at = end;
            }
        }
        return (new(text, parts), null);
    }

    /// <summary>The names that fit it, as a pattern. Each placeholder takes as little as it can, and one that has a value already, that value.</summary>
    public Regex Pattern(LayoutDocument layout, IReadOnlyDictionary<string, string> values)
    {
        var pattern = new StringBuilder(@"\A");
        foreach (var part in _parts)
            pattern.Append(part.Kind switch
            {
                Kind.Literal => Regex.Escape(part.Text),
                Kind.Anything => ".*?",
                _ when part.Text == PathTemplate.Image => $"(?:{Words(layout.Suffixes)})",
                _ when values.TryGetValue(part.Text, out var value) => Regex.Escape(value),
                _ when part.Text == PathTemplate.Split => $"(?<{part.Text}>{Words(layout.Splits.Keys)})",
                _ => $"(?<{part.Text}>.+?)",
            });
        return new Regex(pattern.Append(@"\z").ToString(), Options);
    }

    private static string Words(IEnumerable<string> words) => string.Join('|', words.Select(Regex.Escape));

    private static bool IsPlaceholder(string name) =>
        name.Length > 0 && char.IsAsciiLetterLower(name[0]) && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter));

    private readonly record struct Part(Kind Kind, string Text);
}
