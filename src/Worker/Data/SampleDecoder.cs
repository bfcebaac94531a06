using System.Threading.Channels;
using ChangeDetection.Images;
using ChangeDetection.Shards;
using ChangeDetection.Worker.Data.Decoded;

namespace ChangeDetection.Worker.Data;

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
        ChannelReader<DecodingJob> jobs, IReadOnlyList<SplitSource> sources, Func<int, int, int, Augmentation> augment, LoaderCounters counters,
        CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await jobs.WaitToReadAsync(CancellationToken.None))
        {
            while (!cancellationToken.IsCancellationRequested && jobs.TryRead(out var job))
                await RunAsync(job, sources[job.Sample.Place.Source], augment, counters, cancellationToken);
        }
    }

    private async ValueTask RunAsync(
        DecodingJob job, SplitSource source, Func<int, int, int, Augmentation> augment, LoaderCounters counters, CancellationToken cancellationToken)
    {
        try
        {
            using (job.Sample)
            {
                if (job.Sample is SampleBytes bytes)
                    Decode(bytes, job, source, augment);
                else if (TryCopy((RecordedSample)job.Sample, job, source, augment))
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
    private void Decode(SampleBytes sample, DecodingJob job, SplitSource source, Func<int, int, int, Augmentation> augment)
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
        var augmentation = augment(sample.Place.Position, before.Shape.Height, before.Shape.Width);
        var (first, second) = augmentation.SwapDates ? (after, before) : (before, after);
        _copier.CopyImage(first, augmentation, source.Normalizer, job.Before(augmentation));
        _copier.CopyImage(second, augmentation, source.Normalizer, job.After(augmentation));
        PixelCopier.CopyMask(mask, augmentation, job.Mask(augmentation));
    }

    /// <summary>Copies a sample out of the decoded cache; false where it is not what was recorded, the row then holding anything.</summary>
    private bool TryCopy(RecordedSample sample, DecodingJob job, SplitSource source, Func<int, int, int, Augmentation> augment)
    {
        var augmentation = augment(sample.Place.Position, sample.Shape.Height, sample.Shape.Width);
        var (first, second) = augmentation.SwapDates ? (DecodedPlane.After, DecodedPlane.Before) : (DecodedPlane.Before, DecodedPlane.After);
        return TryCopyImage(first, job.Before(augmentation)) && TryCopyImage(second, job.After(augmentation)) && TryCopyMask();

        bool TryCopyImage(DecodedPlane plane, Span<float> target)
        {
            var (top, height) = source.Normalizer.NeedsWholeImage ? (0, sample.Shape.Height) : (augmentation.Top, augmentation.Height);
            if (sample.Read(plane, top, height, ref _before, out var firstRow) is not { } rows)
                return false;
            _copier.CopyImage(rows, augmentation with { Top = augmentation.Top - firstRow }, source.Normalizer, target);
            return true;
        }

        bool TryCopyMask()
        {
            if (sample.Read(DecodedPlane.Mask, augmentation.Top, augmentation.Height, ref _mask, out var firstRow) is not { } rows)
                return false;
            PixelCopier.CopyMask(rows, augmentation with { Top = augmentation.Top - firstRow }, job.Mask(augmentation));
            return true;
        }
    }

    private async Task DecodeAnewAsync(DecodingJob job, SplitSource source, Func<int, int, int, Augmentation> augment, CancellationToken cancellationToken)
    {
        source.Decoded!.Drop(job.Sample.Place, job.Sample.Shard);
        using var anew = await source.ReadAloneAsync(job.Sample.Place, cancellationToken);
        Decode(anew, job, source, augment);
    }
}
