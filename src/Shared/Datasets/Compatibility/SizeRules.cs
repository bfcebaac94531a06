using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Configuration.Documents;
using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>A split that is trained on.</summary>
/// <param name="Sizes">Of its images, as far as they are known (<see cref="ImageSizes"/>); null where nothing is.</param>
public sealed record TrainedSplit(ShardDataset Dataset, string Name, SplitManifest Split, SplitSizes? Sizes)
{
    public override string ToString() => $"the split '{Name}' of {Dataset.Store.Root}";
}

/// <summary>Whether crop and batch fit the images that are trained on and their number.</summary>
internal static class SizeRules
{
    private const string Crop = "dataset.train.crop", Batch = "train.batch_size";

    /// <summary>The least that a config may say.</summary>
    private const int LeastCrop = 16;

    /// <param name="splits">The data set's own, and those that are mixed with it, as far as they are there.</param>
    public static IEnumerable<ConfigViolation> Of(ExperimentConfig config, IReadOnlyList<TrainedSplit> splits) =>
        (config.Dataset.Train.Crop is { } side ? Cropped(side, splits) : Whole(config, splits)).Concat(Drawn(config, splits));

    private static IEnumerable<ConfigViolation> Cropped(int side, IReadOnlyList<TrainedSplit> splits) =>
        from split in splits
        where split.Sizes is { } known && known.LargestCrop < side
        let most = splits.Min(one => one.Sizes?.LargestCrop ?? int.MaxValue)
        select new ConfigViolation(
            Crop, Text($"is larger than images of {split}, which are {split.Sizes} (value was {side})"),
            most < LeastCrop ? "Pack larger images." : Text($"Write crop: {most} or less, or pack larger images."));

    private static IEnumerable<ConfigViolation> Whole(ExperimentConfig config, IReadOnlyList<TrainedSplit> splits)
    {
        var known = splits.Where(split => split.Sizes is not null).ToList();
        if (known.Count == 0)
            yield break;
        var all = known.Aggregate((SplitSizes?)null, (joined, split) => SplitSizes.Join(joined, split.Sizes!))!;
        if (!all.IsOne)
        {
            var which = known.Find(split => !split.Sizes!.IsOne)?.ToString() ?? "the splits that are mixed";
            yield return new(
                Crop, $"is missing: images of {which} are {all}, and whole images must be of one size to train on",
                all.LargestCrop < LeastCrop ? "Pack tiles of one size (dataset pack --tile)."
                    : Text($"Write crop: {all.LargestCrop} or less under dataset.train, or pack tiles of one size (dataset pack --tile)."));
            yield break;
        }
        var numbers = (long)config.Train.BatchSize * config.Model.Channels * all.MinWidth * all.MinHeight;
        if (numbers > Array.MaxLength)
            yield return new(
                Batch,
                Text($"makes a batch of {numbers} numbers per date of whole images of {all}, more than the {Array.MaxLength} that a buffer holds (value was ") +
                    Text($"{config.Train.BatchSize})"),
                "Take a smaller batch, or set dataset.train.crop.", Crop, DatasetRules.Uri);
    }

    private static IEnumerable<ConfigViolation> Drawn(ExperimentConfig config, IReadOnlyList<TrainedSplit> splits)
    {
        // How many samples there are is known of all splits together alone.
        var samples = splits.Count == 1 + config.Dataset.Train.Mix.Count ? splits.Sum(split => (long)split.Split.Samples) : (long?)null;
        if ((config.Dataset.Train.SamplesPerEpoch ?? samples) is not { } drawn || drawn >= config.Train.BatchSize)
            yield break;
        var whence = config.Dataset.Train.SamplesPerEpoch is null
            ? Text($"that {string.Join(" and ", splits)} {(splits.Count == 1 ? "holds" : "hold")}")
            : "that dataset.train.samples_per_epoch draws";
        yield return new(
            Batch, Text($"is more than the {drawn} samples of an epoch {whence} (value was {config.Train.BatchSize})"),
            Text($"Write batch_size: {drawn} or less, or samples_per_epoch: {config.Train.BatchSize} or more under dataset.train."),
            "dataset.train.samples_per_epoch", DatasetRules.Uri);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
