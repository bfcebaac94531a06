using System.Globalization;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// A set of the values 0 to 255 of a mask: a comparison (<c>&gt; 0</c>, <c>&gt;= 2</c>, <c>&lt; 3</c>, <c>&lt;= 3</c>, <c>= 1</c>, <c>!= 0</c>), or values and
/// ranges with commas between (<c>1,3,5-7</c>). Rules of one text are equal.
/// </summary>
public sealed record MaskRule
{
    /// <summary>What may be written, for messages.</summary>
    public const string Form = "a comparison such as > 0, or values such as 1,3,5-7, from 0 to 255";

    private static readonly (string Sign, Func<int, int, bool> Holds)[] s_comparisons =
    [
        (">=", (value, bound) => value >= bound),
        ("<=", (value, bound) => value <= bound),
        ("!=", (value, bound) => value != bound),
        ("==", (value, bound) => value == bound),
        (">", (value, bound) => value > bound),
        ("<", (value, bound) => value < bound),
        ("=", (value, bound) => value == bound),
    ];

    private readonly bool[] _values;

    private MaskRule(string text, bool[] values) => (Text, _values) = (text, values);

    /// <summary>The rule without needless white space.</summary>
    public string Text { get; }

    /// <summary>Reads a rule; null where the text is none, or one that no value keeps.</summary>
    public static MaskRule? TryParse(string text)
    {
        var trimmed = text.Trim();
        var comparison = Array.Find(s_comparisons, one => trimmed.StartsWith(one.Sign, StringComparison.Ordinal));
        var rule = comparison.Sign is null ? OfValues(trimmed) : OfComparison(comparison.Sign, comparison.Holds, trimmed[comparison.Sign.Length..]);
        return rule?._values.Contains(true) == true ? rule : null;
    }

    public bool Matches(byte value) => _values[value];

    public bool Equals(MaskRule? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static MaskRule? OfComparison(string sign, Func<int, int, bool> holds, string rest) => Value(rest) is { } bound
        ? new(string.Create(CultureInfo.InvariantCulture, $"{sign} {bound}"), [.. Enumerable.Range(0, byte.MaxValue + 1).Select(value => holds(value, bound))])
        : null;

    private static MaskRule? OfValues(string text)
    {
        var values = new bool[byte.MaxValue + 1];
        var parts = text.Split(',').Select(part => part.Split('-', 2).Select(Value).ToArray()).ToList();
        foreach (var part in parts)
        {
            if (part[0] is not { } first || part[^1] is not { } last || first > last)
                return null;
            values.AsSpan(first, last - first + 1).Fill(true);
        }
        return new(string.Join(',', parts.Select(part => string.Join('-', part))), values);
    }

    private static int? Value(string text) =>
        byte.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
