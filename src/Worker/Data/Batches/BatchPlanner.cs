using System.Threading.Channels;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Data.Samples.Decoded;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>A sample, and the row of the batch it is decoded into.</summary>
internal readonly record struct DecodingJob(LoadedSample Sample, PendingBatch Batch, int Row)
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
    private PendingBatch? _batch;
    /// <summary>Batches begun so far; where ranks share them, the number of the current one is one less.</summary>
    private int _begun;

    public async Task RunAsync(
        ChannelReader<LoadedSample> samples, ChannelWriter<DecodingJob> jobs, ChannelWriter<PendingBatch> batches, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await foreach (var sample in samples.ReadAllAsync(cancellationToken))
            {
                await sample.Arrived;
                var shape = plan.Shape(sample, CheckedShape(sample));
                var batch = plan.Batches?.Of(sample.Place.Position);
                await SkipToAsync(batch, batches, cancellationToken);
                if (_batch is null || _batch.Shape != shape || _batch.Count == shape.Capacity || batch >= _begun)
                    await BeginBatchAsync(shape, batches, cancellationToken);
                await jobs.WriteAsync(new DecodingJob(sample, _batch!, _batch!.Add(sample)), cancellationToken);
            }
            await SkipToAsync(plan.Batches?.Count, batches, cancellationToken);
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

    /// <summary>Delivers the batches of which this rank has no row, empty: every rank takes as many steps as the others, and none waits for another for ever.</summary>
    private async Task SkipToAsync(int? batch, ChannelWriter<PendingBatch> batches, CancellationToken cancellationToken)
    {
        while (_begun < batch)
            await BeginBatchAsync(new BatchShape(0, 0, channels, 0), batches, cancellationToken);
    }

    private async Task BeginBatchAsync(BatchShape shape, ChannelWriter<PendingBatch> batches, CancellationToken cancellationToken)
    {
        _batch?.Close();
        _batch = null;
        await openBatches.WaitAsync(cancellationToken);
        _batch = new PendingBatch(shape, pool.Rent(shape.Values, shape.Pixels), Release, plan.Batches is { } all ? (all.Begin(_begun), all.Rows(_begun)) : null);
        _begun++;
        await batches.WriteAsync(_batch, cancellationToken);
    }

    private void Release(BatchBuffers buffers)
    {
        pool.Return(buffers);
        openBatches.Release();
    }

    /// <summary>The shape that before, after and mask share. What is in the decoded cache was checked before it came there.</summary>
    private ImageShape CheckedShape(LoadedSample sample) => sample is CachedSample recorded ? recorded.Shape : CheckedShapeOf((EncodedSample)sample);

    private ImageShape CheckedShapeOf(EncodedSample sample)
    {
        var before = sample.Probe(sample.Before);
        if (before.Channels != channels)
            throw Unequal(sample, $"has {before.Channels} channels in {sample.Before.Name}, but the data set says {channels}");
        ExpectSize(sample, before, sample.After, sample.Probe(sample.After));
        ExpectSize(sample, before, sample.Mask, sample.Probe(sample.Mask));
        return before;
    }

    private static void ExpectSize(EncodedSample sample, ImageShape before, ShardField field, ImageShape shape)
    {
        if ((shape.Width, shape.Height) != (before.Width, before.Height))
            throw Unequal(sample, $"is {before.Width}x{before.Height} in {sample.Before.Name}, but {shape.Width}x{shape.Height} in {field.Name}");
        if (field.Role == SampleFields.After && shape.Channels != before.Channels)
            throw Unequal(sample, $"has {before.Channels} channels in {sample.Before.Name}, but {shape.Channels} in {field.Name}");
    }

    private static SampleRejectedException Unequal(EncodedSample sample, string problem)
        => new(sample.Shard, sample.Key, problem, "Make the three images of the sample agree and pack the data set again.");
}
