using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>
/// The pipeline from shard to batch: prefetch → fetch → plan → decode → deliver, each stage bounded by the one behind it. The shards ahead are bounded by
/// the window and the cache, the bytes by the ring, the batches by their number; the order is the plan's whatever the timing.
/// </summary>
internal sealed class BatchPipeline(IReadOnlyList<SplitSource> sources, LoaderConfig loader, LoaderBuffers memory, LoaderCounters counters)
{
    /// <summary>Bounds the samples ahead where they are tiny.</summary>
    private const int SamplesAhead = 1024;

    /// <summary>Runs the plan. A consumer that stops early, by break, exception or cancellation, leaves no task behind.</summary>
    /// <param name="plan">What is delivered.</param>
    /// <param name="window">Shards of each source that are read from in turns.</param>
    public async IAsyncEnumerable<Batch> RunAsync(LoadPlan plan, int window, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var places = Channel.CreateBounded<PlacedSample>(new BoundedChannelOptions(ShardPrefetcher.PlacesAhead) { SingleReader = true, SingleWriter = true });
        var samples = Channel.CreateBounded<LoadedSample>(new BoundedChannelOptions(SamplesAhead) { SingleReader = true, SingleWriter = true });
        var jobs = Channel.CreateBounded<DecodingJob>(new BoundedChannelOptions(loader.Decoders) { SingleWriter = true });
        var batches = Channel.CreateUnbounded<PendingBatch>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var ring = memory.RentRing();
        var decoders = Enumerable.Range(0, loader.Decoders).Select(_ => memory.RentDecoder()).ToList();
        await using var ahead = new ShardPrefetcher(sources, window * sources.Count);
        var reader = new SampleFetcher(sources, ring);
        var planner = new BatchPlanner(plan, sources[0].Channels, memory.Batches, new SemaphoreSlim(loader.BatchesAhead + 1));
        Task[] stages =
        [
            Task.Run(() => ahead.RunAsync(plan.Order, places.Writer, stop.Token), CancellationToken.None),
            Task.Run(() => reader.RunAsync(places.Reader, samples.Writer, stop.Token), CancellationToken.None),
            Task.Run(() => planner.RunAsync(samples.Reader, jobs.Writer, batches.Writer, stop.Token), CancellationToken.None),
            .. decoders.Select(decoder => Task.Run(() => decoder.RunAsync(jobs.Reader, sources, plan.Augment, counters, stop.Token), CancellationToken.None)),
        ];
        try
        {
            // The road is empty at first, whatever the loader: that wait says nothing of what holds it up.
            for (var first = true; await NextAsync(batches.Reader, jobs.Reader, counted: !first, cancellationToken) is { } batch; first = false)
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

    private async ValueTask<Batch?> NextAsync(
        ChannelReader<PendingBatch> batches, ChannelReader<DecodingJob> jobs, bool counted, CancellationToken cancellationToken)
    {
        // Samples that wait for a decoder: it is the decoders that are behind, and not the bytes.
        var forDecoding = jobs.Count > 0;
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
            if (counted)
                counters.AddWait(Stopwatch.GetTimestamp() - begun, forDecoding);
        }
    }

    /// <summary>Takes note of what was under way, failures too. All stages have ended, so nothing writes into these buffers any more.</summary>
    private async Task DrainAsync(ChannelReader<LoadedSample> samples, ChannelReader<PendingBatch> batches)
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
