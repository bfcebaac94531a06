using System.Threading.Channels;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// First stage of the road: walks the order and starts the reads, so many bytes ahead as the ring holds. Samples leave in order,
/// each while its read may still be under way. Room is rented in order too: a later sample never keeps an earlier one waiting.
/// </summary>
/// <param name="sources">The splits that the order's places lie in.</param>
/// <param name="indexesInUse">Shards of each that are read from in turns.</param>
internal sealed class SampleReader(IReadOnlyList<SplitSource> sources, int indexesInUse, ByteRing ring, LoaderCounters counters)
{
    /// <summary>Enough to hide the latency of a bucket; a local disk needs one or two.</summary>
    private const int ReadsAtOnce = 8;

    private readonly SemaphoreSlim _reads = new(ReadsAtOnce);
    private readonly ShardIndexes[] _indexes = [.. sources.Select(source => new ShardIndexes(source.Dataset, indexesInUse))];

    /// <summary>Runs until the order ends. When it fails, the samples before the failure still leave, and then the failure.</summary>
    public async Task RunAsync(IEnumerable<SamplePlace> order, ChannelWriter<ArrivingSample> samples, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            foreach (var place in order)
            {
                var source = sources[place.Source];
                var recorded = source.Decoded?.Find(place, source.Split.Shards[place.Shard].Name);
                await samples.WriteAsync(recorded ?? await BeginReadAsync(place, source, cancellationToken), cancellationToken);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        samples.Complete(failure);
        await AllReadsEndAsync();
    }

    private async ValueTask<ArrivingSample> BeginReadAsync(SamplePlace place, SplitSource source, CancellationToken cancellationToken)
    {
        var index = await _indexes[place.Source].GetAsync(source.Split.Shards[place.Shard], cancellationToken);
        var sample = await SampleBytes.RentAsync(place, index, ring, cancellationToken);
        await _reads.WaitAsync(cancellationToken);
        sample.Arrived = ReadAsync(sample, source, cancellationToken);
        return sample;
    }

    private async Task ReadAsync(SampleBytes sample, SplitSource source, CancellationToken cancellationToken)
    {
        try
        {
            counters.Read(sample.Length);
            await sample.ReadAsync(source.Dataset.Store, cancellationToken);
        }
        finally
        {
            _reads.Release();
        }
    }

    /// <summary>No read may outlive the stage: it would write into a range of the ring that is another's by then.</summary>
    private async Task AllReadsEndAsync()
    {
        for (var read = 0; read < ReadsAtOnce; read++)
            await _reads.WaitAsync(CancellationToken.None);
    }
}
