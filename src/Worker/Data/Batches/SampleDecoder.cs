using System.Threading.Channels;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Data.Samples.Decoded;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>
/// Third stage, in <c>loader.decoders</c> copies: decodes a sample into this decoder's own buffers, or reads what an earlier epoch decoded, and
/// copies it from there into its row of the batch.
/// </summary>
internal sealed class SampleDecoder
{
    private readonly PixelCopier _copier = new();
    private readonly MissingPixels _missing = new();
    private readonly RescaledRows _rescaled = new();
    private readonly PlaneBuffers _buffers = new();

    public async Task RunAsync(
        ChannelReader<DecodingJob> jobs, IReadOnlyList<SplitSource> sources, Augmenter augment, LoaderCounters counters,
        CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await jobs.WaitToReadAsync(CancellationToken.None))
        {
            while (!cancellationToken.IsCancellationRequested && jobs.TryRead(out var job))
                await RunAsync(job, sources[job.Sample.Place.Source], augment, counters, cancellationToken);
        }
    }

    private async ValueTask RunAsync(
        DecodingJob job, SplitSource source, Augmenter augment, LoaderCounters counters, CancellationToken cancellationToken)
    {
        try
        {
            using (job.Sample)
            {
                if (!TryDecode(job.Sample, job, source, augment))
                    await DecodeAnewAsync(job, source, augment, cancellationToken);
                else if (job.Sample.IsDecoded)
                    counters.DecodedHit();
            }
            counters.Delivered();
            job.Batch.RowIsDone();
        }
        catch (Exception exception)
        {
            job.Batch.Fail(exception);
        }
    }

    /// <summary>Puts a sample into its row; false where it is not what the decoded cache recorded, the row then holding anything.</summary>
    /// <exception cref="ShardCorruptException">The bytes are no image.</exception>
    private bool TryDecode(LoadedSample sample, DecodingJob job, SplitSource source, Augmenter augment)
    {
        var shape = sample.Decode(_buffers, source.Decoded);
        if (augment.Draw(sample.Place.Position, shape.Height, shape.Width, Count) is not { } augmentation)
            return false;
        var (first, second) = augmentation.SwapDates ? (DecodedPlane.After, DecodedPlane.Before) : (DecodedPlane.Before, DecodedPlane.After);
        if (!TryCopyImage(first, augmentation, job.Before(augmentation))
            || !TryCopyImage(second, augmentation.OfSecondDate(), job.After(augmentation)) || !TryCopyMask())
            return false;
        ChangeInput(job, augment, augmentation);
        if (sample.HasMissingPixels && !TryClearMissing())
            return false;
        var repeated = TakeOutRepeated(job, augmentation);
        // Without labels of its own for it, all that is unlabelled is so for being repeated.
        if (source.Labels.Ignores)
            job.Batch.AddIgnored(job.Mask(augmentation).Count(MaskReader.Ignored) - repeated);
        return true;

        bool TryCopyImage(DecodedPlane plane, GeometricAugmentation crop, Span<float> target)
        {
            var (top, height) = source.Normalizer.NeedsWholeImage ? (0, shape.Height) : RowsOf(crop, shape.Height);
            if (sample.Read(plane, top, height, _buffers, out var firstRow) is not { } rows)
                return false;
            PixelImage? valid = null;
            if (sample.HasMissingPixels && source.Normalizer.NeedsWholeImage
                && (valid = sample.Read(DecodedPlane.Valid, 0, height, _buffers, out _)) is null)
                return false;
            if (source.Rescaling is { } rescaling)
                rows = _rescaled.Map(rescaling, rows);
            _copier.CopyImage(rows, crop with { Top = crop.Top - firstRow }, source.Normalizer, target, valid is null ? default : valid.Bytes);
            return true;
        }

        // Behind all that changes values: what is missing is 0 whatever was drawn.
        bool TryClearMissing() =>
            TryClear(augmentation, job.Before(augmentation)) && TryClear(augmentation.OfSecondDate(), job.After(augmentation));

        bool TryClear(GeometricAugmentation crop, Span<float> values)
        {
            var (top, height) = RowsOf(crop, shape.Height);
            if (sample.Read(DecodedPlane.Valid, top, height, _buffers, out var firstRow) is not { } rows)
                return false;
            _missing.Clear(rows, crop with { Top = crop.Top - firstRow }, values, job.Mask(augmentation));
            return true;
        }

        bool TryCopyMask()
        {
            if (sample.Read(DecodedPlane.Mask, augmentation.Top, augmentation.Height, _buffers, out var firstRow) is not { } rows)
                return false;
            CopyMask(rows, augmentation with { Top = augmentation.Top - firstRow }, job, source);
            return true;
        }

        // Of the mask alone, and of it the rows that the crop touches.
        LabelCounts? Count(GeometricAugmentation crop) => sample.Read(DecodedPlane.Mask, crop.Top, crop.Height, _buffers, out var firstRow) is { } rows
            ? MaskCrop.Count(rows, crop with { Top = crop.Top - firstRow }, source.Labels)
            : null;
    }

    /// <summary>Unlabels what is counted in an earlier sample; how many pixels that are.</summary>
    private static int TakeOutRepeated(DecodingJob job, GeometricAugmentation size)
    {
        var mask = job.Mask(size);
        var pixels = 0;
        foreach (var part in job.Repeated)
        {
            for (var row = part.Y; row < part.Y + part.Height; row++)
                mask.Slice(row * size.Width + part.X, part.Width).Fill(MaskReader.Ignored);
            pixels += part.Width * part.Height;
        }
        job.Batch.AddRepeated(pixels);
        return pixels;
    }

    private static void CopyMask(PixelImage mask, GeometricAugmentation crop, DecodingJob job, SplitSource source)
    {
        if (PixelCopier.CopyMask(mask, crop, source.Labels, job.Mask(crop)) is { } value)
            throw new SampleRejectedException(job.Sample.Shard, job.Sample.Key,
                $"has a mask with the value {value}, and the data set has {source.Labels.MaskClasses} classes", "Mend the mask and pack the data set again.");
    }

    /// <summary>The rows of the image that a crop is made of: one that reaches over the edge repeats the border.</summary>
    private static (int Top, int Height) RowsOf(GeometricAugmentation crop, int height)
    {
        var (first, last) = (Math.Clamp(crop.Top, 0, height - 1), Math.Clamp(crop.Top + crop.Height - 1, 0, height - 1));
        return (first, last - first + 1);
    }

    private static void ChangeInput(DecodingJob job, Augmenter augment, GeometricAugmentation size)
    {
        augment.ChangeInput(job.Sample.Place.Position, second: false, job.Before(size));
        augment.ChangeInput(job.Sample.Place.Position, second: true, job.After(size));
    }

    private async Task DecodeAnewAsync(DecodingJob job, SplitSource source, Augmenter augment, CancellationToken cancellationToken)
    {
        source.Decoded!.Drop(job.Sample.Place, job.Sample.Shard);
        using var anew = await source.ReadAloneAsync(job.Sample.Place, cancellationToken);
        TryDecode(anew, job, source, augment);
    }
}
