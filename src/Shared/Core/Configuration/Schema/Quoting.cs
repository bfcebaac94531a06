using System.Globalization;
using ChangeDetection.Core.Configuration.Documents;

namespace ChangeDetection.Core.Configuration.Schema;

/// <summary>The remedy for the commonest slip of both formats: quotes too many or too few.</summary>
internal static class Quoting
{
    /// <summary>For a quoted number or boolean where none is wanted; null for anything else.</summary>
    public static string? Unquote(ConfigNode node) =>
        node is ScalarNode { Kind: ScalarKind.Text } scalar
        && (scalar.Text is "true" or "false"
            || double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            ? $"Write it without quotes: {PrintableText.Text(scalar.Text)}."
            : null;

    /// <summary>For a number, boolean or null where a text is wanted; null for anything else.</summary>
    public static string? Quote(ConfigNode node) =>
        node is ScalarNode { Kind: not ScalarKind.Text } scalar ? $"Put it in quotes: \"{PrintableText.Text(scalar.Text)}\"." : null;
}
