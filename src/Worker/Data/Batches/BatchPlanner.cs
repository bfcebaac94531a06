using System.Threading.Channels;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>A sample, and the row of the batch it is decoded into.</summary>
/// <param name="Repeated">Parts of the sample that an earlier one had, and that are to be no labels here. They do not overlap.</param>
internal readonly record struct DecodingJob(LoadedSample Sample, PendingBatch Batch, int Row, IReadOnlyList<PixelRectangle> Repeated)
{
    public Span<float> Before(GeometricAugmentation size) => Values(Batch.Buffers.Before, size);

    public Span<float> After(GeometricAugmentation size) => Values(Batch.Buffers.After, size);

    public Span<byte> Mask(GeometricAugmentation size) => Batch.Buffers.Mask.AsSpan(Row * size.Height * size.Width, size.Height * size.Width);

    private Span<float> Values(float[] buffer, GeometricAugmentation size)
    {
        var values = size.Height * size.Width * Batch.Shape.Channels;
        return buffer.AsSpan(Row * values, values);
    }
}

/// <summary>
/// Second stage: one sample after the other, in order, gets its row in a batch, by its headers alone. So batches, and the first error,
/// are the same however many decoders there are. Waits while as many batches are open as may be.
/// </summary>
internal sealed class BatchPlanner(LoadPlan plan, int channels, BatchBufferPool pool, SemaphoreSlim openBatches)
{
    private readonly SeenPixels _seen = new();
    private PendingBatch? _batch;

    public async Task RunAsync(
        ChannelReader<LoadedSample> samples, ChannelWriter<DecodingJob> jobs, ChannelWriter<PendingBatch> batches, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await foreach (var sample in samples.ReadAllAsync(cancellationToken))
            {
                await sample.Arrived;
                var shape = plan.Shape(sample, sample.CheckedShape(channels));
                var repeated = plan.EachPixelOnce ? _seen.Add(sample) : [];
                if (_batch is null || _batch.Shape != shape || _batch.Count == shape.Capacity)
                    await BeginBatchAsync(shape, batches, cancellationToken);
                await jobs.WriteAsync(new DecodingJob(sample, _batch!, _batch!.Add(sample), repeated), cancellationToken);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
            _batch?.Fail(exception);
        }
        _batch?.Close();
        jobs.Complete();
        batches.Complete(failure);
    }

    private async Task BeginBatchAsync(BatchShape shape, ChannelWriter<PendingBatch> batches, CancellationToken cancellationToken)
    {
        _batch?.Close();
        _batch = null;
        await openBatches.WaitAsync(cancellationToken);
        _batch = new PendingBatch(shape, pool.Rent(shape.Values, shape.Pixels), Release);
        await batches.WriteAsync(_batch, cancellationToken);
    }

    private void Release(BatchBuffers buffers)
    {
        pool.Return(buffers);
        openBatches.Release();
    }
}
