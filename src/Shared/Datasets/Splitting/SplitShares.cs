using System.Globalization;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Splitting;

/// <summary>
/// Splits by the hash of names: shares of all pairs, and folds of what they leave over. The hash of a pair, or of its group, is a number in [0, 1)
/// (<see cref="NameHash"/>), and the shares one behind the other, in ordinal order of the splits' names and the folds last, say whose it is. So neither other
/// pairs nor the order of options move a pair.
/// </summary>
public sealed record SplitShares
{
    /// <summary>The split that may be taken out before the folds.</summary>
    public const string Test = "test";

    private const decimal Whole = 100;

    private SplitShares()
    {
    }

    /// <summary>In ordinal order of the splits' names.</summary>
    public required IReadOnlyList<SplitShare> Shares { get; init; }

    /// <summary>How many folds the rest becomes; null: the shares are all there is.</summary>
    public required int? Folds { get; init; }

    /// <summary>What is kept together; null: each pair goes by itself.</summary>
    public required GroupPattern? Group { get; init; }

    public required long Seed { get; init; }

    public SplitProvenance Provenance => new(Seed, Shares.ToDictionary(share => share.Split, share => (double)share.Percent, StringComparer.Ordinal))
    {
        Folds = Folds,
        Group = Group?.ToString(),
    };

    /// <summary>Each split with the end of its part of [0, 1), ascending; the last one's is 1.</summary>
    internal IReadOnlyList<(string Split, double End)> Ends()
    {
        var ends = new List<(string Split, double End)>();
        var sum = 0m;
        foreach (var share in Shares)
            ends.Add((share.Split, (double)((sum += share.Percent) / Whole)));
        var taken = (double)(sum / Whole);
        for (var fold = 0; fold < (Folds ?? 0); fold++)
            ends.Add((FoldNames.Of(fold), taken + (1 - taken) * (fold + 1) / Folds!.Value));
        ends[^1] = (ends[^1].Split, 1);
        return ends;
    }

    /// <summary>Joins what the options say.</summary>
    /// <param name="patterns">The splits that patterns name.</param>
    /// <returns>Null where neither shares nor folds are asked for.</returns>
    /// <exception cref="PackRequestException">They contradict each other.</exception>
    public static SplitShares? Create(
        IReadOnlyList<SplitShare> shares, IReadOnlyCollection<string> patterns, int? folds, GroupPattern? group, long? seed)
    {
        if (shares.Count == 0 && folds is null)
        {
            return group is null && seed is null
                ? null
                : throw new PackRequestException(
                    $"{(group is null ? "--split-seed" : "--group")} is of splits by shares or folds, and there are none. Give --split {SplitShare.Syntax}, " +
                    "or --folds K.");
        }
        if (shares.Count > 0 && patterns.Count > 0)
            throw new PackRequestException(
                $"--split gives {shares[0].Split} a share and {patterns.First()} a pattern, and one leaves open what the other takes. Give shares alone " +
                "(train=70%,val=15%,test=15%), or patterns alone.");
        if (shares.GroupBy(share => share.Split, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new PackRequestException($"--split gives '{twice.First().Split}' a share twice. Give it one.");
        if (seed < 0)
            throw new PackRequestException(string.Create(CultureInfo.InvariantCulture, $"--split-seed {seed}: a seed is a whole number from 0 on."));
        Check(shares, patterns, folds);
        return new()
        {
            Shares = [.. shares.OrderBy(share => share.Split, StringComparer.Ordinal)], Folds = folds, Group = group, Seed = seed ?? 0,
        };
    }

    private static void Check(IReadOnlyList<SplitShare> shares, IReadOnlyCollection<string> patterns, int? folds)
    {
        var sum = shares.Sum(share => share.Percent);
        var told = string.Join(", ", shares.Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Split} {share.Percent:0.####}")));
        if (folds is null)
        {
            if (sum != Whole)
                throw new PackRequestException(string.Create(
                    CultureInfo.InvariantCulture, $"The shares of --split are {sum:0.####} % together, and have to be 100 %: {told}. Correct one of them."));
            return;
        }
        if (folds is < SplitProvenance.FewestFolds or > SplitProvenance.MostFolds)
            throw new PackRequestException(string.Create(
                CultureInfo.InvariantCulture, $"--folds {folds}: there are {SplitProvenance.FewestFolds} to {SplitProvenance.MostFolds} folds."));
        if (shares.Select(share => share.Split).Concat(patterns).FirstOrDefault(split => split != Test) is { } other)
            throw new PackRequestException(
                $"--folds makes the splits {FoldNames.Of(0)} to {FoldNames.Of(folds.Value - 1)} of all pairs but those of '{Test}', and --split names " +
                $"'{other}'. Leave it out: a run trains and validates on folds (dataset.fold).");
        if (sum >= Whole)
            throw new PackRequestException($"--split gives all pairs to {told} %, so there is nothing left for --folds. Give it less.");
    }
}
