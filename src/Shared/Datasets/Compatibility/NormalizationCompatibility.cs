using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>
/// Whether figures that were given can be such as they say. Means and deviations are mostly published of values from 0 to 1, and sometimes of values from 0 to
/// 255: taken for the others, they make a nearly constant input of every image, and a training that learns nothing says no word of it.
/// </summary>
public static class NormalizationCompatibility
{
    /// <summary>As the checkpoint's training normalised.</summary>
    /// <exception cref="CheckpointInvalidException">In a way that is not known here, or not for its channels.</exception>
    public static Normalization Of(CheckpointManifest trained) => trained.Normalization.ToConfig() is { } known && known.Problem(trained.Model.Channels) is null
        ? known
        : throw Unknown(trained);

    /// <summary>What is wrong with a checkpoint whose normalisation cannot be repeated.</summary>
    public static CheckpointInvalidException Unknown(CheckpointManifest trained) => new(
        "the checkpoint's manifest",
        $"its normalization '{trained.Normalization.Kind}' is not one that is known here, or does not have {trained.Model.Channels} channels.");

    /// <exception cref="DatasetMismatchException">The figures cannot be of its pixels.</exception>
    public static void Check(Normalization normalization, ShardDataset dataset) => DatasetCompatibility.Require(Violations(normalization, dataset));

    /// <summary>That figures cannot be of a data set's pixels.</summary>
    public static IEnumerable<ConfigViolation> Violations(Normalization normalization, ShardDataset dataset)
    {
        if (dataset.Manifest.PixelType is { } type && Problem(normalization, type) is var (message, remedy))
            yield return new("normalize", $"does not fit: {dataset.Subject} {message}", remedy, DatasetRules.Uri);
    }

    /// <summary>The end of a sentence that begins with what has these pixels, and what to do; null where nothing is wrong.</summary>
    /// <param name="type">Of the pixels, by NumPy's name.</param>
    public static (string Message, string Remedy)? Problem(Normalization normalization, string type) =>
        normalization.Figures is { FitWholeNumbers: false } figures && PixelTypes.Parse(type) is { } found and not PixelType.Float32
            ? ($"has pixels of the type {type}, and means and deviations ({figures}) are of values divided by {Largest(found)}, so from 0 to 1",
                "Divide them by the largest value that they were measured against, or write units: stored where they are of the values as they are stored.")
            : null;

    private static int Largest(PixelType type) => type is PixelType.UInt8 ? byte.MaxValue : ushort.MaxValue;
}
