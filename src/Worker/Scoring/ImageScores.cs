using ChangeDetection.Core.Results;

namespace ChangeDetection.Worker.Scoring;

/// <summary>A figure of single images: mean and sample deviation of those for which it is defined, and how many they are.</summary>
public sealed record ImageMean(double Mean, double? Deviation, int Defined);

/// <summary>
/// The change counts of each image of a split, 32 bytes each; no pixel is kept. Means over images weigh a small image like a large one and an image with
/// little change like one with much, so they are other figures than the micro ones. An image for which a figure is not defined
/// (<see cref="ConfusionCounts.IsDefined"/>: no change in the truth and none predicted, for F1; no labelled pixel, for all) is left out of its mean,
/// neither a 0 nor a 1.
/// </summary>
public sealed class ImageScores
{
    private readonly List<ConfusionCounts> _images = [];

    public IReadOnlyList<ConfusionCounts> Images => _images;

    public void Add(ConfusionCounts image) => _images.Add(image);

    /// <param name="measure">One of <see cref="ConfusionCounts.Measures"/>.</param>
    public ImageMean Mean(string measure)
    {
        var at = ConfusionCounts.Measures.ToList().IndexOf(measure);
        var found = MeanAndDeviation.Of([.. _images.Where(image => image.IsDefined(measure)).Select(image => image.Figures().ElementAt(at).Value)]);
        return new ImageMean(found?.Mean ?? 0, found?.Deviation, found?.Count ?? 0);
    }
}
