using System.Globalization;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// A set of values of a mask: a comparison (<c>&gt; 0</c>, <c>&gt;= 2</c>, <c>&lt; 3</c>, <c>&lt;= 3</c>, <c>= 1</c>, <c>!= 0</c>), values and ranges with
/// commas between (<c>1,3,5-7</c>), or colours (<c>#ff0000,#00ff00</c>). Values are whole numbers of up to 64 bits, negative ones included; a colour is the
/// number 0xRRGGBB. Rules of one text are equal.
/// </summary>
public sealed record MaskRule
{
    /// <summary>What may be written, for messages.</summary>
    public const string Form = "a comparison such as > 0, values and ranges such as 1,3,5-7, or colours such as #ff0000";

    /// <summary>What may be written of classes' numbers, for messages.</summary>
    public const string ClassForm = "a comparison such as > 0, or values such as 1,3,5-7, from 0 to 255";

    private const int ColourDigits = 6;

    private static readonly (string Sign, Func<long, IReadOnlyList<(long, long)>> Ranges)[] s_comparisons =
    [
        (">=", bound => [(bound, long.MaxValue)]),
        ("<=", bound => [(long.MinValue, bound)]),
        ("!=", bound => [.. Below(bound), .. Above(bound)]),
        ("==", bound => [(bound, bound)]),
        (">", Above),
        ("<", Below),
        ("=", bound => [(bound, bound)]),
    ];

    private readonly IReadOnlyList<(long First, long Last)> _ranges;

    private MaskRule(string text, IReadOnlyList<(long, long)> ranges, bool isOfColours) => (Text, _ranges, IsOfColours) = (text, ranges, isOfColours);

    /// <summary>The rule without needless white space.</summary>
    public string Text { get; }

    /// <summary>Whether its values are colours.</summary>
    public bool IsOfColours { get; }

    /// <summary>Reads a rule; null where the text is none, or one that no value keeps.</summary>
    public static MaskRule? TryParse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith('#'))
            return OfColours(trimmed);
        var comparison = Array.Find(s_comparisons, one => trimmed.StartsWith(one.Sign, StringComparison.Ordinal));
        return comparison.Sign is null ? OfValues(trimmed) : OfComparison(comparison.Sign, comparison.Ranges, trimmed[comparison.Sign.Length..]);
    }

    /// <summary>Reads a rule of classes' numbers; null where the text is none, or one that no number from 0 to 255 keeps.</summary>
    public static MaskRule? TryParseOfClasses(string text) =>
        TryParse(text) is { IsOfColours: false } rule && rule._ranges.All(range => range is ( >= 0 or long.MinValue, <= byte.MaxValue or long.MaxValue))
        && Enumerable.Range(0, byte.MaxValue + 1).Any(value => rule.Matches(value)) ? rule : null;

    /// <summary>How a colour is written.</summary>
    public static string Colour(long value) => string.Create(CultureInfo.InvariantCulture, $"#{value:x6}");

    public bool Matches(long value)
    {
        foreach (var (first, last) in _ranges)
        {
            if (value >= first && value <= last)
                return true;
        }
        return false;
    }

    /// <summary>A value that both rules keep; null where there is none.</summary>
    public long? InCommonWith(MaskRule other)
    {
        foreach (var (first, last) in _ranges)
        {
            foreach (var (otherFirst, otherLast) in other._ranges)
            {
                if (Math.Max(first, otherFirst) <= Math.Min(last, otherLast))
                    return Math.Max(first, otherFirst);
            }
        }
        return null;
    }

    public bool Equals(MaskRule? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static IReadOnlyList<(long, long)> Above(long bound) => bound == long.MaxValue ? [] : [(bound + 1, long.MaxValue)];

    private static IReadOnlyList<(long, long)> Below(long bound) => bound == long.MinValue ? [] : [(long.MinValue, bound - 1)];

    private static MaskRule? OfComparison(string sign, Func<long, IReadOnlyList<(long, long)>> ranges, string rest) =>
        Value(rest) is { } bound && ranges(bound) is { Count: > 0 } kept
            ? new(string.Create(CultureInfo.InvariantCulture, $"{sign} {bound}"), kept, isOfColours: false)
            : null;

    private static MaskRule? OfValues(string text)
    {
        var ranges = new List<(long First, long Last)>();
        foreach (var part in text.Split(','))
        {
            // A minus that begins a number is its sign, and any other one stands between the ends of a range.
            var trimmed = part.Trim();
            var between = trimmed.Length > 1 ? trimmed.IndexOf('-', 1) : -1;
            if (Value(between < 0 ? trimmed : trimmed[..between]) is not { } first
                || (between < 0 ? first : Value(trimmed[(between + 1)..])) is not { } last || first > last)
                return null;
            ranges.Add((first, last));
        }
        return new(string.Join(',', ranges.Select(Spelt)), ranges, isOfColours: false);
    }

    private static string Spelt((long First, long Last) range) => range.First == range.Last
        ? range.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}");

    private static MaskRule? OfColours(string text)
    {
        var colours = new List<(long, long)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Length != ColourDigits + 1 || part[0] != '#'
                || !int.TryParse(part.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var colour))
                return null;
            colours.Add((colour, colour));
        }
        return new(string.Join(',', colours.Select(colour => Colour(colour.Item1))), colours, isOfColours: true);
    }

    private static long? Value(string text) =>
        text.Trim() is var digits && digits != "-0" && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && !digits.StartsWith('+') ? value : null;
}
