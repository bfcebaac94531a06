using System.Globalization;
using System.Text;

namespace ChangeDetection.Core.Configuration.Documents;

/// <summary>
/// Shows a user's own words back in an error: short, on one line, and without characters that a terminal or a log would act on
/// (escape sequences, line breaks, writing-direction marks).
/// </summary>
internal static class PrintableText
{
    private const int MaxLength = 60;
    private const int MaxSentenceLength = 200;

    public static string Value(ConfigNode node) => node switch
    {
        ScalarNode { Kind: ScalarKind.Text } scalar => $"\"{Text(scalar.Text)}\"",
        ScalarNode scalar => Text(scalar.Text),
        SequenceNode sequence => sequence.Items.Count == 1 ? "a list of one" : $"a list of {sequence.Items.Count}",
        MappingNode mapping => mapping.Count == 1 ? "a mapping of one key" : $"a mapping of {mapping.Count} keys",
        _ => "not readable",
    };

    public static string Text(string text, int maxLength = MaxLength)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= maxLength)
                return shown.Append('…').ToString();
            if (IsVisible(rune))
                shown.Append(rune);
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        }
        return shown.ToString();
    }

    /// <summary>A parser's message, which may quote the document, as a part of our own sentence.</summary>
    public static string Sentence(string message) => Text(message.TrimEnd('.'), MaxSentenceLength);

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
