using System.Globalization;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Packing;

/// <summary>
/// Images that are in two splits, byte for byte, under whatever names: what is learned of the one is scored on the other. Masks are not looked at: those
/// without a change are all alike.
/// </summary>
internal static class SplitLeaks
{
    private const int Shown = 5, MostWarnings = 10;

    /// <summary>A warning for each two splits that share images, with the files.</summary>
    /// <param name="surveyed">Of each split, in the plan's order of its samples.</param>
    public static IEnumerable<string> Find(SplitPlan plan, IReadOnlyDictionary<string, List<SurveyedSample>> surveyed)
    {
        var bySum = plan.Splits
            .SelectMany(split => split.Samples.Zip(surveyed[split.Name]), (split, sample) => (Split: split.Name, Sample: sample.First, sample.Second.Sums))
            .SelectMany(entry => new[]
            {
                (Sum: entry.Sums.Before, Image: new Image(entry.Split, entry.Sample, entry.Sample.Pair.Before!)),
                (Sum: entry.Sums.After, Image: new Image(entry.Split, entry.Sample, entry.Sample.Pair.After!)),
            })
            .GroupBy(entry => entry.Sum, entry => entry.Image)
            .Where(same => same.Skip(1).Any(image => image.Split != same.First().Split));
        var leaks = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var same in bySum)
        {
            foreach (var (first, second) in Pairs(same))
            {
                var key = $"'{first.Split}' and '{second.Split}'";
                if (!leaks.TryGetValue(key, out var files))
                    leaks[key] = files = [];
                files.Add($"{first.File.Path} and {second.File.Path}");
            }
        }
        var warnings = leaks.Take(MostWarnings).Select(leak => string.Create(
            CultureInfo.InvariantCulture,
            $"The splits {leak.Key} share {leak.Value.Count} image{(leak.Value.Count > 1 ? "s" : "")}, byte for byte: " +
            $"{string.Join("; ", leak.Value.Take(Shown))}{(leak.Value.Count > Shown ? "; …" : "")}. Scores on what was trained on say nothing: remove one " +
            $"of each, or put both into one split{(plan.Counts.Count > 0 ? " by --group" : "")}"));
        return leaks.Count > MostWarnings ? warnings.Append(More(leaks.Count - MostWarnings)) : warnings;
    }

    private static string More(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} more pairs of splits share images");

    /// <summary>Of images that are the same, one for each two splits that have it.</summary>
    private static IEnumerable<(Image First, Image Second)> Pairs(IEnumerable<Image> same)
    {
        var splits = same.GroupBy(image => image.Split).OrderBy(split => split.Key, StringComparer.Ordinal).ToList();
        // Blank images may be thousands: the first two that overlap are enough.
        return from one in Enumerable.Range(0, splits.Count)
               from other in Enumerable.Range(one + 1, splits.Count - one - 1)
               from pair in (
                   from first in splits[one]
                   from second in splits[other]
                   where Overlap(first.Sample, second.Sample)
                   select (first, second)).Take(1)
               select pair;
    }

    /// <summary>Parts of one image that have no pixel in common are none; of one pair that is in both splits, the plan has warned already.</summary>
    private static bool Overlap(PlannedSample first, PlannedSample second) =>
        first.Pair.Path != second.Pair.Path && (first.Crop is not { } a || second.Crop is not { } b || a.Overlaps(b));

    private sealed record Image(string Split, PlannedSample Sample, SourceFile File);
}
