using System.Threading.Channels;
using ChangeDetection.Images;
using ChangeDetection.Shards;

namespace ChangeDetection.Worker.Data;

/// <summary>A sample, and the row of the batch it is decoded into.</summary>
internal readonly record struct DecodingJob(SampleBytes Sample, PendingBatch Batch, int Row);

/// <summary>
/// Second stage: one sample after the other, in order, gets its row in a batch, by its headers alone. So batches, and the first error,
/// are the same however many decoders there are. Waits while as many batches are open as may be.
/// </summary>
internal sealed class BatchPlanner(StreamPlan plan, int channels, BatchBufferPool pool, SemaphoreSlim openBatches)
{
    private PendingBatch? _batch;

    public async Task RunAsync(
        ChannelReader<SampleBytes> samples, ChannelWriter<DecodingJob> jobs, ChannelWriter<PendingBatch> batches, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await foreach (var sample in samples.ReadAllAsync(cancellationToken))
            {
                await sample.Arrived;
                var shape = plan.Shape(sample, CheckedShape(sample));
                if (_batch is null || _batch.Shape != shape || _batch.Count == shape.Capacity)
                    await BeginBatchAsync(shape, batches, cancellationToken);
                await jobs.WriteAsync(new DecodingJob(sample, _batch!, _batch!.Add(sample)), cancellationToken);
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

    /// <summary>The shape that before, after and mask share.</summary>
    private ImageShape CheckedShape(SampleBytes sample)
    {
        var before = sample.Probe(sample.Before);
        if (before.Channels != channels)
            throw Unequal(sample, $"has {before.Channels} channels in {sample.Before.Name}, but the data set says {channels}");
        ExpectSize(sample, before, sample.After, sample.Probe(sample.After));
        ExpectSize(sample, before, sample.Mask, sample.Probe(sample.Mask));
        return before;
    }

    private static void ExpectSize(SampleBytes sample, ImageShape before, ShardField field, ImageShape shape)
    {
        if ((shape.Width, shape.Height) != (before.Width, before.Height))
            throw Unequal(sample, $"is {before.Width}x{before.Height} in {sample.Before.Name}, but {shape.Width}x{shape.Height} in {field.Name}");
        if (field.Role == SampleFields.After && shape.Channels != before.Channels)
            throw Unequal(sample, $"has {before.Channels} channels in {sample.Before.Name}, but {shape.Channels} in {field.Name}");
    }

    private static SampleRejectedException Unequal(SampleBytes sample, string problem)
        => new(sample.Shard, sample.Key, problem, "Make the three images of the sample agree and pack the data set again.");
}
