using System.Globalization;
using System.Text;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Splitting;

/// <summary>Divides pairs among splits: a function of each pair's own path, or its group, and of the shares.</summary>
internal static class HashedSplits
{
    private const int Shown = 10;

    /// <param name="paths">Of the pairs, each once, in any order.</param>
    /// <param name="taken">Paths of pairs that patterns have put into splits before.</param>
    /// <exception cref="PackRequestException">
    /// Names that the group's pattern does not match, a group that is taken in part, or a split that is empty.
    /// </exception>
    public static SplitAssignment Assign(SplitShares shares, IReadOnlyCollection<string> paths, IReadOnlyCollection<string> taken)
    {
        var groups = GroupsOf(shares.Group, paths);
        RefuseTakenInPart(shares.Group, groups, taken);
        var ends = shares.Ends();
        var splitOf = groups.Values.Distinct(StringComparer.Ordinal).ToDictionary(
            group => group, group => SplitOf(ends, group, shares.Seed), StringComparer.Ordinal);
        var counts = ends.Select((end, at) => new SplitCount(
            end.Split, end.End - (at == 0 ? 0 : ends[at - 1].End), 0, groups.Values.Count(group => splitOf[group] == end.Split),
            shares.Group is null ? null : splitOf.Values.Count(split => split == end.Split))).ToList();
        EmptySplits.Refuse(shares, counts, splitOf.Keys);
        return new(
            groups.ToDictionary(pair => pair.Key, pair => splitOf[pair.Value], StringComparer.Ordinal),
            [.. counts.Select(count => count with { Share = (double)count.Pairs / groups.Count })]);
    }

    /// <summary>Whose part of [0, 1) the hash of a group falls into.</summary>
    internal static string SplitOf(IReadOnlyList<(string Split, double End)> ends, string group, long seed)
    {
        var hash = NameHash.Of(group, seed);
        return ends.First(end => hash < end.End).Split;
    }

    /// <summary>The group of each pair; without a pattern, its own path.</summary>
    private static Dictionary<string, string> GroupsOf(GroupPattern? pattern, IReadOnlyCollection<string> paths)
    {
        var groups = new Dictionary<string, string>(StringComparer.Ordinal);
        var unmatched = new List<string>();
        foreach (var path in paths)
        {
            var name = path.Normalize(NormalizationForm.FormC);
            if (pattern is null)
                groups[path] = name;
            else if (pattern.GroupOf(name) is { } group)
                groups[path] = group;
            else
                unmatched.Add(path);
        }
        return unmatched.Count == 0 ? groups : throw new PackRequestException(Unmatched(pattern!, unmatched, paths.Count));
    }

    private static string Unmatched(GroupPattern pattern, List<string> unmatched, int all)
    {
        var folders = unmatched.Min(path => path.Count(letter => letter == '/')) + 1 - pattern.Segments;
        var hint = folders > 0
            ? $"It stands for the whole path below SOURCE: with the folders before it, it is {string.Concat(Enumerable.Repeat("*/", folders))}{pattern}."
            : $"Correct it: {GroupPattern.Syntax}. Names stand without their extension.";
        return string.Create(
            CultureInfo.InvariantCulture, $"--group '{pattern}' does not match {unmatched.Count} of {all} pairs: {Names(unmatched)}. {hint}");
    }

    private static void RefuseTakenInPart(GroupPattern? pattern, Dictionary<string, string> groups, IReadOnlyCollection<string> taken)
    {
        if (pattern is null)
            return;
        var rest = groups.Values.ToHashSet(StringComparer.Ordinal);
        var parts = taken.Select(path => pattern.GroupOf(path.Normalize(NormalizationForm.FormC))).OfType<string>()
            .Where(rest.Contains).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (parts.Count > 0)
            throw new PackRequestException(
                $"--split takes some pairs of a group and leaves others of it to the folds: {Names(parts)}. Correct the pattern, so that it takes all of " +
                "a group or none.");
    }

    internal static string Names(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal).Take(Shown)) + (names.Count > Shown ? ", …" : "");
}
