using System.Threading.Channels;
using ChangeDetection.Images;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// Third stage, as often as <c>loader.decoders</c> says: decodes a sample into this thread's own buffers, and from there into its row of the batch.
/// </summary>
internal sealed class SampleDecoder(Normalizer normalizer)
{
    private readonly PixelCopier _copier = new(normalizer);
    private byte[] _before = [];
    private byte[] _after = [];
    private byte[] _mask = [];

    public async Task RunAsync(ChannelReader<DecodingJob> jobs, Func<int, int, int, Augmentation> augment, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await jobs.WaitToReadAsync(CancellationToken.None))
        {
            if (jobs.TryRead(out var job))
                Run(job, augment);
        }
    }

    private void Run(DecodingJob job, Func<int, int, int, Augmentation> augment)
    {
        try
        {
            using (job.Sample)
                Decode(job, augment);
            job.Batch.RowIsDone();
        }
        catch (ImageException exception)
        {
            job.Batch.Fail(job.Sample.Undecodable(exception));
        }
        catch (Exception exception)
        {
            job.Batch.Fail(exception);
        }
    }

    private void Decode(DecodingJob job, Func<int, int, int, Augmentation> augment)
    {
        var sample = job.Sample;
        var before = ImageCodec.Decode(sample.Of(sample.Before), sample.NameOf(sample.Before), reuse: _before);
        _before = before.Pixels;
        var after = ImageCodec.Decode(sample.Of(sample.After), sample.NameOf(sample.After), reuse: _after);
        _after = after.Pixels;
        var mask = ImageCodec.DecodeMask(sample.Of(sample.Mask), sample.NameOf(sample.Mask), reuse: _mask);
        _mask = mask.Pixels;

        var augmentation = augment(sample.Place.Position, before.Shape.Height, before.Shape.Width);
        if (augmentation.SwapDates)
            (before, after) = (after, before);
        var pixels = augmentation.Height * augmentation.Width;
        var values = pixels * job.Batch.Shape.Channels;
        _copier.CopyImage(before, augmentation, job.Batch.Buffers.Before.AsSpan(job.Row * values, values));
        _copier.CopyImage(after, augmentation, job.Batch.Buffers.After.AsSpan(job.Row * values, values));
        PixelCopier.CopyMask(mask, augmentation, job.Batch.Buffers.Mask.AsSpan(job.Row * pixels, pixels));
    }
}
