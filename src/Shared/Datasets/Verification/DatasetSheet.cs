using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pictures;

namespace ChangeDetection.Datasets.Verification;

/// <summary>
/// The picture beside <c>dataset.json</c>: some pairs of each split with their masks, as they were packed. Masks that are read the wrong way round are seen
/// there at a glance. However large the data set is, no more than <see cref="MostRows"/> samples are read.
/// </summary>
public static class DatasetSheet
{
    public const string FileName = "contact-sheet.png";
    public const int RowsPerSplit = 6, MostRows = 24;

    /// <summary>Pixels of a date that are decoded for it: some seconds.</summary>
    private const long MostPixels = 64L << 20;

    /// <summary>Writes it, in place of one that an earlier data set has left there. The same data set gives the same bytes.</summary>
    /// <returns>Whether there is one: not where the images are so large that decoding the first would take too long.</returns>
    /// <exception cref="ShardCorruptException">A sample that is looked at is not what was packed.</exception>
    /// <exception cref="Imaging.Pixels.ImageException">One of its fields is no image.</exception>
    /// <exception cref="IOException">The store may not be written.</exception>
    public static async Task<bool> WriteAsync(ShardDataset dataset, CancellationToken cancellationToken)
    {
        var (sheet, pixels) = (new ContactSheet(), 0L);
        var masks = MaskReader.Of(dataset.Manifest);
        foreach (var (split, shard, sample) in Chosen(dataset.Manifest))
        {
            var index = await dataset.ReadIndexAsync(shard, cancellationToken);
            pixels += await PixelsAsync(dataset, index, sample, cancellationToken);
            if (pixels > MostPixels)
                break;
            var before = await SplitMeasurement.DecodeAsync(dataset, index, sample, SampleFields.Before, masks, cancellationToken);
            var after = await SplitMeasurement.DecodeAsync(dataset, index, sample, SampleFields.After, masks, cancellationToken);
            var mask = split.Unlabelled ? null
                : await SplitMeasurement.DecodeAsync(dataset, index, sample, SampleFields.Mask, masks, cancellationToken);
            sheet.Add(before, after, mask, ignored: MaskReader.Ignored);
        }
        var key = new ObjectKey(FileName);
        await dataset.Store.DeleteAsync(key, cancellationToken);
        if (sheet.Rows == 0)
            return false;
        var bytes = PictureEncoder.Encode(sheet.Compose());
        await dataset.Store.PutAsync(key, async (stream, token) => await stream.WriteAsync(bytes, token), cancellationToken);
        return true;
    }

    /// <summary>Samples evenly chosen from each split, in the order of splits and samples.</summary>
    internal static IEnumerable<(SplitManifest Split, ShardManifest Shard, int Sample)> Chosen(DatasetManifest manifest) =>
        manifest.Splits.OrderBy(split => split.Key, StringComparer.Ordinal).SelectMany(split => Chosen(split.Value)).Take(MostRows);

    private static IEnumerable<(SplitManifest Split, ShardManifest Shard, int Sample)> Chosen(SplitManifest split)
    {
        var rows = Math.Min(RowsPerSplit, split.Samples);
        var (first, shard) = (0, 0);
        for (var row = 0; row < rows; row++)
        {
            var ordinal = (int)((2L * row + 1) * split.Samples / (2 * rows));
            while (ordinal >= first + split.Shards[shard].Samples)
                first += split.Shards[shard++].Samples;
            yield return (split, split.Shards[shard], ordinal - first);
        }
    }

    /// <summary>By the header, before anything is decoded.</summary>
    private static async Task<long> PixelsAsync(ShardDataset dataset, ShardIndex index, int sample, CancellationToken cancellationToken)
    {
        if (index.Find(sample, SampleFields.Before) is not { } field)
            return 0;
        var shape = ImageCodec.Probe(await dataset.ReadFieldAsync(index, sample, field, cancellationToken), $"{index.Shard}: {index.Key(sample)}");
        return (long)shape.Width * shape.Height;
    }
}
