using System.Text.RegularExpressions;

namespace ChangeDetection.Core.Configuration.Parameters;

/// <summary>
/// The beginning of parameters' names: whole parts between dots, in which <c>*</c> stands for any characters but a dot. <c>features.0</c> begins
/// <c>features.0.weight</c> and not <c>features.01.weight</c>; <c>bn*</c> begins <c>bn11.bias</c>; the empty text begins every name.
/// </summary>
public sealed class ParameterPattern
{
    public const string Form = "the beginning of names, up to a dot or to their end, with * for any characters but a dot (_backbone, bn*, conv11.weight)";

    /// <summary>The form as a regular expression: what names and rules of renaming may hold.</summary>
    internal const string Characters = @"[^\x00-\x20\x7f=]{1,200}";

    private readonly Regex _regex;

    /// <param name="text">A final dot says nothing that its absence does not.</param>
    public ParameterPattern(string text)
    {
        Text = text;
        var parts = Regex.Escape(text.TrimEnd('.')).Replace(@"\*", "([^.]*)", StringComparison.Ordinal);
        // Of the empty text, the dot belongs to nobody.
        var rest = parts.Length == 0 ? "(?<rest>.*)" : @"(?<rest>\..*)?";
        _regex = new Regex($@"\A{parts}{rest}\z", RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    public string Text { get; }

    /// <summary>How often <c>*</c> stands in it.</summary>
    public int Stars => Text.Count(character => character == '*');

    public bool Begins(string name) => _regex.IsMatch(name);

    /// <summary>
    /// What the stars stand for in a name, in order, and what comes behind the pattern, its dot included; null where the name begins otherwise.
    /// </summary>
    internal (IReadOnlyList<string> Stars, string Behind)? Match(string name) => _regex.Match(name) is { Success: true } match
        ? ([.. Enumerable.Range(1, Stars).Select(star => match.Groups[star].Value)], match.Groups["rest"].Value)
        : null;
}
