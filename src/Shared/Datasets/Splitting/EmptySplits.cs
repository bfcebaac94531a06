using System.Globalization;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Splitting;

/// <summary>A split that gets nothing: with few pairs or groups, shares come out far from what was asked.</summary>
internal static class EmptySplits
{
    /// <summary>So many hashes are tried at most to find a seed that leaves no split empty.</summary>
    private const int MostHashes = 2_000_000, MostSeeds = 1000;

    /// <exception cref="PackRequestException">One is empty; the message has the remedies.</exception>
    public static void Refuse(SplitShares shares, IReadOnlyList<SplitCount> counts, IReadOnlyCollection<string> groups)
    {
        var empty = counts.Where(count => count.Pairs == 0).ToList();
        if (empty.Count == 0)
            return;
        var what = shares.Group is null ? "pairs" : "groups";
        var got = string.Join(", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Split} {count.Groups ?? count.Pairs}")));
        throw new PackRequestException(string.Create(
            CultureInfo.InvariantCulture,
            $"{(empty.Count > 1 ? "Splits" : "A split")} would be empty: {string.Join(", ", empty.Select(count => count.Split))}. The {groups.Count} {what} " +
            $"fall by their hashes, which is only about as the shares say: {got}. {Remedies(shares, groups, what)}"));
    }

    private static string Remedies(SplitShares shares, IReadOnlyCollection<string> groups, string what)
    {
        var remedies = new List<string>();
        if (OtherSeed(shares, groups) is { } seed)
            remedies.Add(string.Create(CultureInfo.InvariantCulture, $"give --split-seed {seed}, with which none is empty"));
        remedies.Add(shares.Folds is null ? "give larger shares or fewer splits" : "ask for fewer --folds");
        if (shares.Group is not null)
            remedies.Add("form smaller groups with --group");
        remedies.Add($"add {what}");
        var text = $"{string.Join(", ", remedies.SkipLast(1))}, or {remedies[^1]}.";
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    private static long? OtherSeed(SplitShares shares, IReadOnlyCollection<string> groups)
    {
        var ends = shares.Ends();
        if (groups.Count < ends.Count)
            return null;
        return Enumerable.Range(0, Math.Min(MostSeeds, MostHashes / groups.Count)).Select(seed => (long?)seed)
            .FirstOrDefault(seed => groups.Select(group => HashedSplits.SplitOf(ends, group, seed!.Value)).Distinct().Count() == ends.Count);
    }
}
