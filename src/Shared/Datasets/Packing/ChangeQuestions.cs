using System.Globalization;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Packing;

/// <summary>What a survey found of a split.</summary>
/// <param name="Seen">Pixels of all samples.</param>
/// <param name="Counts">Pixels of the samples that are kept.</param>
/// <param name="Kept">Samples that are kept.</param>
/// <param name="Left">Tiles that are left out because too little of them changed.</param>
/// <param name="Sizes">Of the samples that are kept; null before there is one.</param>
internal sealed record SplitFindings(PixelCounts Seen, PixelCounts Counts, int Kept, int Left, SplitSizes? Sizes = null);

/// <summary>Splits in which (nearly) nothing or everything changed: most often masks that are read the wrong way round, or wrong files.</summary>
internal static class ChangeQuestions
{
    /// <summary>From this share on, a split of changed pixels is questioned.</summary>
    public const double NearlyAll = 0.9;

    public static void Check(SplitPlan plan, IReadOnlyDictionary<string, SplitFindings> found, ProblemList problems, ProblemList warnings)
    {
        foreach (var split in plan.Splits)
        {
            // Of all samples: tiles that are left out may hold all that did not change.
            var (counts, _, kept, left, _) = found[split.Name];
            if (kept == 0)
                problems.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The split '{split.Name}' has no tile left: none of its {left} tiles has as much change as --min-change asks for. Give a smaller one."));
            else if (split.Samples.All(sample => sample.Pair.Mask is null))
                Unlabelled(split.Name, problems, warnings);
            else if (Question(split, counts) is not { } said)
                continue;
            else if (split.Name == SourceSurvey.TrainingSplit && (counts.Changed == 0 || counts.Changed == counts.Labelled))
                problems.Add($"{said}. Nothing could be learned from it: look whether the masks are the right files, and whether their values mean what " +
                    "was taken for their meaning (--mask-change).");
            else
                warnings.Add(counts.Changed == 0 || counts.Changed == counts.Labelled
                    ? $"{said}; scores on it will mean nothing"
                    : $"{said}; look whether its masks are read the right way round (--mask-change)");
        }
    }

    private static void Unlabelled(string split, ProblemList problems, ProblemList warnings)
    {
        if (split == SourceSurvey.TrainingSplit)
            problems.Add(
                $"The split '{split}' has no masks, as the layout has none, so that nothing could be learned from it. Put the pairs into a split of another " +
                "name, such as --split 'test=*', or choose a layout with masks.");
        else
            warnings.Add($"the split '{split}' has no masks: all of its pixels are unlabelled, to be predicted on and not to be measured by");
    }

    private static string? Question(PlannedSplit split, PixelCounts counts)
    {
        var share = counts.Labelled == 0 ? 0 : (double)counts.Changed / counts.Labelled;
        var masks = string.Create(CultureInfo.InvariantCulture, $"its {split.Samples.Count} masks (the first is {split.Samples[0].Pair.Mask!.Path})");
        if (counts.Changed == 0)
            return $"The split '{split.Name}' has not one {(counts.Labelled == 0 ? "labelled" : "changed")} pixel in {masks}";
        return share >= NearlyAll
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"In the split '{split.Name}' {(counts.Changed == counts.Labelled ? "every pixel" : $"{share:0.0 %} of the pixels")} of {masks} " +
                $"{(counts.Changed == counts.Labelled ? "has" : "have")} changed")
            : null;
    }
}
