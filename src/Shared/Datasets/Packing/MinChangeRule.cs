using System.Globalization;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// One <c>--min-change [SPLIT=]SHARE</c>. Without a split it is the training split: leaving tiles out of the others would flatter the scores.
/// </summary>
public sealed record MinChangeRule(string Split, double Share)
{
    public const string Syntax = "SPLIT=SHARE, such as val=0.01";

    /// <exception cref="PackRequestException">The text is not of this form.</exception>
    public static MinChangeRule Parse(string text)
    {
        var (split, share) = text.Split('=', 2) is [var name, var rest] ? (name, rest) : (SourceSurvey.TrainingSplit, text);
        return double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1
            ? new(split, value)
            : throw new PackRequestException(
                $"--min-change '{text}': '{share}' is no share of changed pixels from 0 to 1, such as 0.01. The form is [SPLIT=]SHARE.");
    }

    /// <exception cref="PackRequestException">A split is named twice.</exception>
    public static IReadOnlyDictionary<string, double> Join(IReadOnlyList<MinChangeRule> rules)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            if (!shares.TryAdd(rule.Split, rule.Share))
                throw new PackRequestException($"--min-change is given twice for the split '{rule.Split}'.");
        }
        return shares;
    }
}
