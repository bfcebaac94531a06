using System.Globalization;
using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>
/// Whether bands lie far off what a network was trained on. Compared are the ranges from the 2nd to the 98th percentile, which single odd pixels do not
/// move. A band lies far off
/// <list type="bullet">
/// <item>where less than half of its range lies within the trained one: most of its values are such as the network has hardly seen, as of a scene in
/// other units, or one that is much brighter (its centre outside all that was trained on is a case of this);</item>
/// <item>where its range is more than ten times narrower than the trained one: the light of a day or the ground of a place do not do that, but a scale
/// of 0 to 1 in place of 0 to 255 does, though it lies within.</item>
/// </list>
/// A quiet scene, such as of fields alone, has a narrower range within the trained one, and is not taken for an odd one.
/// </summary>
public static class ValueDistance
{
    private const double LeastOverlap = 0.5, Narrowest = 0.1;

    private const int Shown = 4;

    /// <param name="shown">Of a band that is to be predicted or scored.</param>
    /// <param name="trained">Of the same band of the training.</param>
    public static bool IsFar(ValueRange shown, ValueRange trained)
    {
        var (width, trainedWidth) = (shown.High - shown.Low, trained.High - trained.Low);
        if (width <= 0)
            return shown.Low < trained.Low || shown.Low > trained.High || trainedWidth > 0;
        var overlap = Math.Min(shown.High, trained.High) - Math.Max(shown.Low, trained.Low);
        return overlap < LeastOverlap * width || width < Narrowest * trainedWidth;
    }

    /// <summary>A warning about the bands that lie far off; null where none does, or nothing is known.</summary>
    /// <param name="subject">What the bands are of.</param>
    /// <param name="remedy">A sentence.</param>
    public static string? Warning(string subject, IReadOnlyList<ValueRange>? shown, CheckpointManifest trained, string remedy)
    {
        // Each image by its own mean and deviation: where its values lie does not matter.
        if (trained.Normalization.Kind == "image" || trained.Pixels?.Ranges is not { } ranges || shown is null || shown.Count != ranges.Count)
            return null;
        var far = Enumerable.Range(0, ranges.Count).Where(band => IsFar(shown[band], ranges[band])).ToList();
        if (far.Count == 0)
            return null;
        var bands = far.Take(Shown).Select(band => Text(
            $"band {band + 1} from {shown[band].Low:0.####} to {shown[band].High:0.####}, trained {ranges[band].Low:0.####} to {ranges[band].High:0.####}"));
        return $"{subject}: values lie far off those that the network was trained on (2nd to 98th percentile): " +
            $"{string.Join("; ", bands)}{(far.Count > Shown ? $"; and {far.Count - Shown} more bands" : "")}. {remedy}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
