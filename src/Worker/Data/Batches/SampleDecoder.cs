using System.Threading.Channels;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Data.Samples.Decoded;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>
/// Third stage, as often as <c>loader.decoders</c> says: decodes a sample into this thread's own buffers, or reads what an earlier epoch decoded, and
/// copies it from there into its row of the batch.
/// </summary>
internal sealed class SampleDecoder
{
    private readonly PixelCopier _copier = new();
    private byte[] _before = [];
    private byte[] _after = [];
    private byte[] _mask = [];

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
                if (job.Sample is EncodedSample bytes)
                    Decode(bytes, job, source, augment);
                else if (TryCopy((CachedSample)job.Sample, job, source, augment))
                    counters.DecodedHit();
                else
                    await DecodeAnewAsync(job, source, augment, cancellationToken);
            }
            counters.Delivered();
            job.Batch.RowIsDone();
        }
        catch (Exception exception)
        {
            job.Batch.Fail(exception);
        }
    }

    /// <exception cref="ShardCorruptException">The bytes are no image.</exception>
    private void Decode(EncodedSample sample, DecodingJob job, SplitSource source, Augmenter augment)
    {
        PixelImage before, after, mask;
        try
        {
            before = ImageCodec.Decode(sample.Of(sample.Before), sample.NameOf(sample.Before), reuse: _before);
            _before = before.Pixels;
            after = ImageCodec.Decode(sample.Of(sample.After), sample.NameOf(sample.After), reuse: _after);
            _after = after.Pixels;
            mask = ImageCodec.DecodeMask(sample.Of(sample.Mask), sample.NameOf(sample.Mask), reuse: _mask);
            _mask = mask.Pixels;
        }
        catch (ImageException exception)
        {
            throw sample.Undecodable(exception);
        }
        source.Decoded?.Record(sample.Place, sample.Key, before, after, mask);
        var augmentation = augment.Draw(sample.Place.Position, before.Shape.Height, before.Shape.Width, crop => MaskCrop.Changed(mask, crop, source.Labels))!.Value;
        var (first, second) = augmentation.SwapDates ? (after, before) : (before, after);
        _copier.CopyImage(first, augmentation, source.Normalizer, job.Before(augmentation));
        _copier.CopyImage(second, augmentation.OfSecondDate, source.Normalizer, job.After(augmentation));
        CopyMask(mask, augmentation, job, source);
        ChangeInput(job, augment, augmentation);
    }

    /// <summary>Copies a sample out of the decoded cache; false where it is not what was recorded, the row then holding anything.</summary>
    private bool TryCopy(CachedSample sample, DecodingJob job, SplitSource source, Augmenter augment)
    {
        if (augment.Draw(sample.Place.Position, sample.Shape.Height, sample.Shape.Width, Changed) is not { } augmentation)
            return false;
        var (first, second) = augmentation.SwapDates ? (DecodedPlane.After, DecodedPlane.Before) : (DecodedPlane.Before, DecodedPlane.After);
        if (!TryCopyImage(first, augmentation, job.Before(augmentation)) || !TryCopyImage(second, augmentation.OfSecondDate, job.After(augmentation)) || !TryCopyMask())
            return false;
        ChangeInput(job, augment, augmentation);
        return true;

        bool TryCopyImage(DecodedPlane plane, GeometricAugmentation crop, Span<float> target)
        {
            var (top, height) = source.Normalizer.NeedsWholeImage ? (0, sample.Shape.Height) : RowsOf(crop, sample.Shape.Height);
            if (sample.Read(plane, top, height, ref _before, out var firstRow) is not { } rows)
                return false;
            _copier.CopyImage(rows, crop with { Top = crop.Top - firstRow }, source.Normalizer, target);
            return true;
        }

        bool TryCopyMask()
        {
            if (sample.Read(DecodedPlane.Mask, augmentation.Top, augmentation.Height, ref _mask, out var firstRow) is not { } rows)
                return false;
            CopyMask(rows, augmentation with { Top = augmentation.Top - firstRow }, job, source);
            return true;
        }

        // Of the mask alone, and of it the rows that the crop touches.
        long? Changed(GeometricAugmentation crop) => sample.Read(DecodedPlane.Mask, crop.Top, crop.Height, ref _mask, out var firstRow) is { } rows
            ? MaskCrop.Changed(rows, crop with { Top = crop.Top - firstRow }, source.Labels)
            : null;
    }

    private static void CopyMask(PixelImage mask, GeometricAugmentation crop, DecodingJob job, SplitSource source)
    {
        if (PixelCopier.CopyMask(mask, crop, source.Labels, job.Mask(crop)) is { } value)
            throw new SampleRejectedException(job.Sample.Shard, job.Sample.Key,
                $"has a mask with the value {value}, and the data set has {source.Labels.Classes} classes", "Mend the mask and pack the data set again.");
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
        Decode(anew, job, source, augment);
    }
}
