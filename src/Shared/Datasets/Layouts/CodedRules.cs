using ChangeDetection.Core.Configuration;

namespace ChangeDetection.Datasets.Layouts;

/// <summary>Rules of masks that no list of values can tell, because they depend on which values there are; a layout names one by its word.</summary>
internal static class CodedRules
{
    private static readonly MaskRule s_two = MaskRule.TryParse("2")!, s_bright = MaskRule.TryParse("> 127")!;
    private static readonly MaskRule s_twoOrBright = MaskRule.TryParse("2,128-255")!;

    private static readonly Dictionary<string, Func<IReadOnlyCollection<long>, MaskRule?>> s_rules = new(StringComparer.Ordinal)
    {
        ["black-and-white"] = BlackAndWhite,
        ["one-two-or-white"] = OneTwoOrWhite,
    };

    /// <summary>The words that there are.</summary>
    public static IReadOnlyCollection<string> Words => s_rules.Keys;

    /// <summary>The values that are change, of those that masks hold; null where the rule does not know them.</summary>
    public static MaskRule? Change(string word, IReadOnlyCollection<long> values) => s_rules[word](values);

    /// <summary>Masks that are black and white, but for a few stray greys at edges.</summary>
    private static MaskRule? BlackAndWhite(IReadOnlyCollection<long> values) => values.Contains(0)
        && values.All(value => value is >= 0 and <= byte.MaxValue) && values.Any(IsBright) ? s_bright : null;

    /// <summary>
    /// Masks of 1 for no change and 2 for change (OSCD's TIFFs, although their README says 0 and 1); others that are black and white, some with greys between.
    /// </summary>
    private static MaskRule? OneTwoOrWhite(IReadOnlyCollection<long> values) => values.Any(value => value is < 0 or > byte.MaxValue) ? null
        : values.All(value => value is 1 or 2) ? (values.Contains(2) ? s_two : null)
        : values.Contains(1) && values.Contains(2) && values.Any(IsBright) ? s_twoOrBright
        : values.Contains(0) && values.Any(IsBright) ? s_bright
        : null;

    private static bool IsBright(long value) => value > byte.MaxValue / 2;
}
