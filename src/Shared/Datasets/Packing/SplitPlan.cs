using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Splitting;

namespace ChangeDetection.Datasets.Packing;

/// <summary>A pair, whole or cut, on its way to become a sample of a split.</summary>
internal sealed record PlannedSample(SourcePair Pair, PixelRectangle? Crop)
{
    /// <summary>The pair's path and what is cut out of it.</summary>
    public string Path => Crop is { } crop ? $"{Pair.Path}@{crop}" : Pair.Path;
}

/// <summary>A split and its samples, in the order in which they are written.</summary>
internal sealed record PlannedSplit(string Name, IReadOnlyList<PlannedSample> Samples);

/// <summary>Which pair becomes a sample of which split: a pure function of the pairs found and the rules given.</summary>
internal sealed record SplitPlan
{
    private const int Shown = 5;

    /// <summary>The splits, in ordinal order.</summary>
    public required IReadOnlyList<PlannedSplit> Splits { get; init; }

    /// <summary>Paths of the pairs that are in no split.</summary>
    public required IReadOnlyList<string> Unmatched { get; init; }

    /// <summary>Pairs that share pixels between two splits, each with the two; and what else is odd about where pairs go.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Whether there is a mask at all.</summary>
    public bool IsLabelled => Splits.Any(split => split.Samples.Any(sample => sample.Pair.Mask is not null));

    /// <summary>What each split got of what was divided by hash; empty where nothing was.</summary>
    public required IReadOnlyList<SplitCount> Counts { get; init; }

    /// <exception cref="PackRequestException">
    /// An item of a pattern matches nothing, neither layout nor rules nor shares say where the pairs go, or the shares cannot be.
    /// </exception>
    public static SplitPlan Create(IDatasetLayout layout, IReadOnlyList<SourcePair> pairs, IReadOnlyList<SplitRule> rules, SplitShares? shares)
    {
        var (counts, warnings) = ((IReadOnlyList<SplitCount>)[], new List<string>());
        var splits = rules.Count > 0 ? ByRules(pairs, rules) : shares is null ? ByLayout(layout, pairs) : [];
        if (shares is not null)
            (splits, counts) = ByShares(pairs, shares, splits, warnings);
        var used = splits.SelectMany(split => split.Samples).Select(sample => sample.Pair.Path).ToHashSet(StringComparer.Ordinal);
        return new()
        {
            Splits = splits,
            Unmatched = [.. pairs.Select(pair => pair.Path).Distinct(StringComparer.Ordinal).Where(path => !used.Contains(path))],
            Warnings = [.. warnings, .. SharedPixels(splits)],
            Counts = counts,
        };
    }

    /// <summary>Divides what patterns have not taken: whole pairs, whichever split the layout has them in.</summary>
    private static (List<PlannedSplit> Splits, IReadOnlyList<SplitCount> Counts) ByShares(
        IReadOnlyList<SourcePair> pairs, SplitShares shares, List<PlannedSplit> taken, List<string> warnings)
    {
        var paths = taken.SelectMany(split => split.Samples).Select(sample => sample.Pair.Path).ToHashSet(StringComparer.Ordinal);
        var rest = pairs.DistinctBy(pair => pair.Path).Where(pair => !paths.Contains(pair.Path)).ToList();
        var assigned = HashedSplits.Assign(shares, [.. rest.Select(pair => pair.Path)], paths);
        warnings.AddRange(OwnSplits(rest));
        if (shares.Group is null && TileNames.Warning(assigned.Splits) is { } tiles)
            warnings.Add(tiles);
        var splits = Sorted(rest.Select(pair => (assigned.Splits[pair.Path], new PlannedSample(pair, Crop: null))));
        return ([.. taken.Concat(splits).OrderBy(split => split.Name, StringComparer.Ordinal)], assigned.Counts);
    }

    /// <summary>What was published as a test split would be trained on without a word.</summary>
    private static IEnumerable<string> OwnSplits(IReadOnlyList<SourcePair> pairs)
    {
        var own = pairs.Select(pair => pair.Split).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (own.Count > 1)
            yield return $"SOURCE has splits of its own ({string.Join(", ", own)}): their pairs are taken together and divided anew";
    }

    private static List<PlannedSplit> ByLayout(IDatasetLayout layout, IReadOnlyList<SourcePair> pairs)
    {
        var splits = Sorted(pairs.Where(pair => pair.Split is not null).Select(pair => (pair.Split!, new PlannedSample(pair, Crop: null))));
        return splits.Count > 0
            ? splits
            : throw new PackRequestException(
                $"The layout '{layout.Name}' does not say which of these {Count(pairs)} belongs to which split. Say it with --split " +
                $"{SplitRule.Syntax}; or divide them by shares, {SplitShare.Syntax}.");
    }

    private static List<PlannedSplit> ByRules(IReadOnlyList<SourcePair> pairs, IReadOnlyList<SplitRule> rules)
    {
        var idle = rules
            .SelectMany(rule => rule.Pattern.Items, (rule, item) => (rule.Split, item))
            .Where(entry => !pairs.Any(pair => entry.item.Matches(pair.Path)))
            .Select(entry => $"--split {entry.Split}: '{entry.item}' matches none of the {Count(pairs)}. Correct the pattern." +
                (decimal.TryParse(entry.item.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
                    ? $" A share has a percent sign: {entry.Split}={entry.item}%." : ""))
            .ToList();
        if (idle.Count > 0)
            throw new PackRequestException(string.Join('\n', idle));
        var cased = rules.Select(rule => rule.Split).Distinct(StringComparer.Ordinal)
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(names => names.Count() > 1);
        if (cased is not null)
            throw new PackRequestException($"The splits {string.Join(" and ", cased)} differ by case alone. Give them different names.");
        return Sorted(
            rules.SelectMany(
            rule => pairs.Where(pair => rule.Pattern.Matches(pair.Path)), (rule, pair) => (rule.Split, new PlannedSample(pair, rule.Crop))));
    }

    private static List<PlannedSplit> Sorted(IEnumerable<(string Split, PlannedSample Sample)> samples) =>
        [.. samples
            .GroupBy(entry => entry.Split, entry => entry.Sample, StringComparer.Ordinal)
            .OrderBy(split => split.Key, StringComparer.Ordinal)
            .Select(split => new PlannedSplit(split.Key, [.. split.DistinctBy(sample => sample.Path).OrderBy(sample => sample.Path, StringComparer.Ordinal)]))];

    private static IEnumerable<string> SharedPixels(IReadOnlyList<PlannedSplit> splits) =>
        from entry in splits
            .SelectMany(split => split.Samples, (split, sample) => (split: split.Name, sample))
            .GroupBy(entry => entry.sample.Pair.Path, StringComparer.Ordinal)
        from first in entry
        from second in entry
        where string.CompareOrdinal(first.split, second.split) < 0
        where first.sample.Crop is not { } a || second.sample.Crop is not { } b || a.Overlaps(b)
        select $"{entry.Key} is in both {first.split} and {second.split}";

    private static string Count(IReadOnlyList<SourcePair> pairs) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{pairs.Count} pairs ({string.Join(", ", pairs.Take(Shown).Select(pair => pair.Path))}{(pairs.Count > Shown ? ", …" : "")})");
}
