using System.Globalization;
using System.Text.Encodings.Web;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>HTML that is safe to send. The only way to make it of data is <see cref="Of"/>, which encodes every hole that holds no markup itself.</summary>
internal readonly record struct Markup
{
    private static readonly Encoding s_encoding = new();

    private Markup(string text) => Text = text;

    public string Text { get; }

    /// <summary>
    /// An interpolated string: its literal parts are markup, its holes text, or markup made here, one or many. Numbers in the invariant culture.
    /// </summary>
    public static Markup Of(FormattableString text) => new(text.ToString(s_encoding));

    public override string ToString() => Text;

    private sealed class Encoding : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => arg switch
        {
            Markup markup => markup.Text,
            IEnumerable<Markup> many => string.Concat(many.Select(one => one.Text)),
            IFormattable value => HtmlEncoder.Default.Encode(value.ToString(format, CultureInfo.InvariantCulture)),
            _ => HtmlEncoder.Default.Encode(arg?.ToString() ?? ""),
        };
    }
}
