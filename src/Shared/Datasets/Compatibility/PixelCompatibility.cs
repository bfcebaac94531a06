using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>Whether the pixels of a data set are such as a network was trained on.</summary>
public static class PixelCompatibility
{
    /// <summary>Type and ranges of a data set's pixels; null where it does not say, or where the fields that it measured are not those that are read.</summary>
    public static CheckpointPixels? Of(ShardDataset dataset)
    {
        var (manifest, measured) = (dataset.Manifest, dataset.Manifest.Fields ?? FieldNames.Packed);
        return manifest.PixelType is { } type && (measured.Before, measured.After) == (dataset.Fields.Before, dataset.Fields.After)
            ? new(type, manifest.Ranges is { } ranges ? [.. ranges.Select(range => new ValueRange(range.Minimum, range.Low, range.High, range.Maximum))] : null)
            : null;
    }

    /// <summary>
    /// The same of several that are trained on together: ranges reach from the lowest of their ends to the highest. Null where they are of several types.
    /// </summary>
    public static CheckpointPixels? Of(IReadOnlyList<ShardDataset> datasets)
    {
        var pixels = datasets.Select(Of).OfType<CheckpointPixels>().ToList();
        if (pixels.Count < datasets.Count || pixels.Any(one => one.Type != pixels[0].Type))
            return null;
        return pixels[0] with { Ranges = pixels.Select(one => one.Ranges).Aggregate(Joined) };
    }

    /// <summary>Checks a data set's type.</summary>
    /// <param name="shown">Of the data set; null: not known.</param>
    /// <param name="subject">The data set, for messages.</param>
    /// <param name="rescaling">What its values are in those of the training; null: the same.</param>
    /// <returns>What the network will see; null: not known.</returns>
    /// <exception cref="DatasetMismatchException">It is another one than that of the training, and nothing maps it.</exception>
    public static CheckpointPixels? Check(CheckpointManifest trained, CheckpointPixels? shown, string subject, ValueRescaling? rescaling)
    {
        if (rescaling is null && trained.Pixels is { Type: var type } && shown is not null && shown.Type != type)
            throw new DatasetMismatchException(
                $"{subject} has pixels of the type {shown.Type}, and the checkpoint's network ({trained.Model.Name}) was trained on {type}. Say with " +
                    $"--rescale what they are in those of the training: {ValueRescaling.Form}; or pack it again from images of the type {type}.");
        if (rescaling is null)
            return shown;
        var mapped = PixelRescaling.Of(trained, rescaling) ?? throw new DatasetMismatchException(
            $"--rescale maps onto the pixels that the network was trained on, and the checkpoint ({trained.Model.Name}) does not say of what type they " +
                $"were. Convert the images of {subject} instead, for example by gdal_translate -ot -scale, and pack them again.");
        return shown is null ? null : mapped.Map(shown);
    }

    /// <summary>A warning where its bands lie far off; null where none does, or nothing is known.</summary>
    /// <param name="seen">By the network.</param>
    /// <param name="subject">The data set, for messages.</param>
    public static string? Warning(CheckpointManifest trained, CheckpointPixels? seen, string subject) => ValueDistance.Warning(
        subject, seen?.Ranges, trained,
        "What it scores there says little; look whether its images are in the units of those it was trained on. Where they are not, --rescale maps " +
            $"them: {ValueRescaling.Form}.");

    private static IReadOnlyList<ValueRange>? Joined(IReadOnlyList<ValueRange>? one, IReadOnlyList<ValueRange>? other) =>
        one is null || other is null || one.Count != other.Count ? null : [.. one.Zip(other, (first, second) => new ValueRange(
            Math.Min(first.Minimum, second.Minimum), Math.Min(first.Low, second.Low), Math.Max(first.High, second.High),
            Math.Max(first.Maximum, second.Maximum)))];
}
