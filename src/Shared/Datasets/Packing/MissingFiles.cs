using System.Globalization;
using ChangeDetection.Datasets.Layouts;

namespace ChangeDetection.Datasets.Packing;

/// <summary>Tells which files of a layout's templates are not there: in one sentence for each kind of file, whatever the number of samples.</summary>
internal static class MissingFiles
{
    private const int Shown = 5;

    /// <param name="source">Where nearest names are looked for.</param>
    /// <param name="pairs">All that were found; files of whole ones are nobody else's.</param>
    /// <param name="problems">Gets a sentence for each kind of file.</param>
    public static void Report(string source, SplitPlan plan, IReadOnlyList<SourcePair> pairs, ProblemList problems)
    {
        var planned = plan.Splits.SelectMany(split => split.Samples).Select(sample => sample.Pair).DistinctBy(pair => (pair.Path, pair.ListedAt)).ToList();
        var lacking = planned.Where(pair => pair.Missing.Count > 0).ToList();
        if (lacking.Count == 0)
            return;
        var used = pairs.Where(pair => pair.Problem is null).SelectMany(pair => (SourceFile?[])[pair.Before, pair.After, pair.Mask])
            .OfType<SourceFile>().Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var root = SourceFolder.Open(source);
        foreach (var kind in lacking.GroupBy(pair => string.Join('\n', pair.Missing.Select(file => file.Template)), StringComparer.Ordinal))
        {
            var nearest = NearestFile.To(root, kind.First().Missing[0].Path, used);
            problems.Add($"{Sentence(planned.Count, [.. kind])}{(nearest is null ? "" : $" {nearest}")}");
        }
    }

    /// <param name="lacking">Pairs that lack files of the same templates.</param>
    private static string Sentence(int samples, IReadOnlyList<SourcePair> lacking)
    {
        var files = lacking[0].Missing;
        if (lacking is [var pair])
            return $"{(pair.ListedAt is { } place ? $"{place}: " : "")}{files[0].Sentence}";
        var names = string.Join(", ", lacking.Take(Shown).Select(one => one.ListedAt is { } at ? $"{one.Path} ({at})" : one.Path));
        return string.Create(CultureInfo.InvariantCulture, $"{lacking.Count} of {samples} samples lack the ") +
            $"{string.Join(" and the ", files.Select(file => file.What))}, which the layout has at " +
            $"{string.Join(" and ", files.Select(file => file.Template))}: {names}{(lacking.Count > Shown ? ", …" : "")}. " +
            "Add the files, correct their names, or choose another --layout.";
    }
}
