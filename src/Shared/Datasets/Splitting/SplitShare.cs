using System.Globalization;
using System.Text.RegularExpressions;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Splitting;

/// <summary>One <c>--split NAME=PERCENT%</c>: how much of all pairs goes into a split.</summary>
public sealed partial record SplitShare(string Split, decimal Percent)
{
    public const string Syntax = "NAME=PERCENT%, such as train=70% --split val=15% --split test=15%, or train=70%,val=15%,test=15%";

    /// <summary>Whether a <c>--split</c> is meant as shares: a number with a percent sign can be no name of a pair that anybody means.</summary>
    public static bool IsMeant(string text) => text.Split(',').Any(part => Form().IsMatch(part));

    /// <summary>The shares of one <c>--split</c>, with commas between them.</summary>
    /// <exception cref="PackRequestException">The text is not of this form, or a share is not above 0 to 100.</exception>
    public static IReadOnlyList<SplitShare> Parse(string text) => [.. text.Split(',').Select(part => ParseOne(text, part))];

    private static SplitShare ParseOne(string text, string part)
    {
        if (!Form().IsMatch(part))
            throw new PackRequestException(
                $"--split '{text}': '{part.Trim()}' is no share, and the others are. Write each as {Syntax}.");
        var sides = part.Split('=');
        var (name, number) = (sides[0].Trim(), sides[1].Trim(' ', '%'));
        if (DatasetManifestRules.NameViolation(name) is { } rule)
            throw new PackRequestException($"--split '{text}': the name of a split {rule}. The form is {Syntax}.");
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 100
            ? new(name, value)
            : throw new PackRequestException($"--split '{text}': {number}% is no share. Write more than 0 % and at most 100 %, such as 12.5%.");
    }

    [GeneratedRegex(@"^[^=]*=\s*[0-9.]+\s*%\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
