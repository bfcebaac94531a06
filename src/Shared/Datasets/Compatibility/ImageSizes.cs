using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;

namespace ChangeDetection.Datasets.Compatibility;

/// <summary>What is known of the sizes of a split's images without reading the split.</summary>
public static class ImageSizes
{
    /// <summary>
    /// As the manifest says; of a data set packed before it did, by the headers of four images at most: the first and last of the first and last shard. What
    /// these say is true of them, and others may be smaller or larger.
    /// </summary>
    /// <returns>The bounds, and whether they hold for all images.</returns>
    /// <exception cref="ShardCorruptException">A shard that is looked into is missing, or is not what was packed.</exception>
    /// <exception cref="Imaging.Pixels.ImageException">An image has no header that can be read.</exception>
    public static async Task<(SplitSizes? Sizes, bool OfAll)> OfAsync(ShardDataset dataset, SplitManifest split, CancellationToken cancellationToken)
    {
        if (split.Sizes is { } said)
            return (said, true);
        var (seen, images) = ((SplitSizes?)null, 0);
        foreach (var shard in new[] { split.Shards[0], split.Shards[^1] }.Distinct())
        {
            var index = await dataset.ReadIndexAsync(shard, cancellationToken);
            foreach (var sample in new[] { 0, index.Count - 1 }.Distinct())
            {
                // A sample without the field is told where all of it is read.
                if (index.Find(sample, SampleFields.Before) is not { } field)
                    continue;
                var shape = ImageCodec.Probe(
                    await dataset.ReadFieldAsync(index, sample, field, cancellationToken), $"{shard.Name}: {index.Key(sample)}.{field.Name}");
                (seen, images) = (SplitSizes.Join(seen, shape.Width, shape.Height), images + 1);
            }
        }
        return (seen, images == split.Samples);
    }
}
