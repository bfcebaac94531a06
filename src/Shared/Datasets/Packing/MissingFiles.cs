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
        var missing = planned.SelectMany(pair => pair.Missing, (pair, file) => (Pair: pair, File: file)).ToList();
        if (missing.Count == 0)
            return;
        var used = pairs.Where(pair => pair.Problem is null).SelectMany(pair => (SourceFile?[])[pair.Before, pair.After, pair.Mask])
            .OfType<SourceFile>().Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var root = SourceFolder.Open(source);
        foreach (var kind in missing.GroupBy(one => (one.File.What, one.File.Template)))
        {
            var nearest = NearestFile.To(root, kind.First().File.Path, used);
            problems.Add($"{Sentence(planned.Count, kind.Key.What, kind.Key.Template, [.. kind])}{(nearest is null ? "" : $" {nearest}")}");
        }
    }

    private static string Sentence(int samples, string what, string template, IReadOnlyList<(SourcePair Pair, MissingFile File)> missing)
    {
        if (missing is [var (pair, file)])
            return $"{(pair.ListedAt is { } place ? $"{place}: " : "")}{file.Sentence}";
        var names = string.Join(", ", missing.Take(Shown).Select(one => one.Pair.ListedAt is { } at ? $"{one.Pair.Path} ({at})" : one.Pair.Path));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{missing.Count} of {samples} samples lack the {what}, which the layout has at {template}: {names}{(missing.Count > Shown ? ", …" : "")}. ") +
            "Add the files, correct their names, or choose another --layout.";
    }
}
