using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ChangeDetection.Configuration;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// The road from shard to batch: read → plan → decode → deliver, each stage bounded by the one behind it. The bytes ahead are bounded by the
/// ring, the batches by their number; the order is the plan's whatever the timing.
/// </summary>
internal sealed class BatchPipeline(IReadOnlyList<SplitSource> sources, LoaderConfig loader, StreamMemory memory, LoaderCounters counters)
{
    /// <summary>Bounds the samples ahead where they are tiny.</summary>
    private const int SamplesAhead = 1024;

    private long _waited;

    /// <summary>Stopwatch ticks that the consumer waited for batches.</summary>
    public long WaitedTicks => Volatile.Read(ref _waited);

    /// <summary>Runs the plan. Whoever stops early, by break, exception or cancellation, leaves no task behind.</summary>
    /// <param name="plan">What is delivered.</param>
    /// <param name="indexesInUse">Shards of each source that are read from in turns.</param>
    public async IAsyncEnumerable<Batch> RunAsync(StreamPlan plan, int indexesInUse, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var samples = Channel.CreateBounded<ArrivingSample>(new BoundedChannelOptions(SamplesAhead) { SingleReader = true, SingleWriter = true });
        var jobs = Channel.CreateBounded<DecodingJob>(new BoundedChannelOptions(loader.Decoders) { SingleWriter = true });
        var batches = Channel.CreateUnbounded<PendingBatch>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var ring = memory.RentRing();
        var decoders = Enumerable.Range(0, loader.Decoders).Select(_ => memory.RentDecoder()).ToList();
        var reader = new SampleReader(sources, indexesInUse, ring, counters);
        var planner = new BatchPlanner(plan, sources[0].Dataset.Manifest.Channels, memory.Batches, new SemaphoreSlim(loader.BatchesAhead + 1));
        Task[] stages =
        [
            Task.Run(() => reader.RunAsync(plan.Order, samples.Writer, stop.Token), CancellationToken.None),
            Task.Run(() => planner.RunAsync(samples.Reader, jobs.Writer, batches.Writer, stop.Token), CancellationToken.None),
            .. decoders.Select(decoder => Task.Run(() => decoder.RunAsync(jobs.Reader, sources, plan.Augment, counters, stop.Token), CancellationToken.None)),
        ];
        try
        {
            while (await NextAsync(batches.Reader, cancellationToken) is { } batch)
                yield return batch;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(stages);
            await DrainAsync(samples.Reader, batches.Reader);
            memory.Return(ring);
            decoders.ForEach(memory.Return);
        }
    }

    private async ValueTask<Batch?> NextAsync(ChannelReader<PendingBatch> batches, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            if (!await batches.WaitToReadAsync(cancellationToken) || !batches.TryPeek(out var pending))
                return null;
            var batch = await pending.Completed.WaitAsync(cancellationToken);
            batches.TryRead(out _);
            return batch;
        }
        finally
        {
            Interlocked.Add(ref _waited, Stopwatch.GetTimestamp() - begun);
        }
    }

    /// <summary>Takes note of what was under way, failures too. All stages have ended, so nobody writes into these buffers any more.</summary>
    private async Task DrainAsync(ChannelReader<ArrivingSample> samples, ChannelReader<PendingBatch> batches)
    {
        while (samples.TryRead(out var sample))
            await sample.Arrived.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (batches.TryRead(out var batch))
        {
            _ = batch.Completed.Exception;
            memory.Batches.Return(batch.Buffers);
        }
    }
}
