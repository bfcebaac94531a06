using System.Threading.Channels;
using ChangeDetection.Shards;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// First stage of the road: walks the order and starts the reads, so many bytes ahead as the ring holds. Samples leave in order,
/// each while its read may still be under way. Room is rented in order too: a later sample never keeps an earlier one waiting.
/// </summary>
internal sealed class SampleReader(ShardDataset dataset, IReadOnlyList<ShardManifest> shards, ShardIndexes indexes, ByteRing ring)
{
    /// <summary>Enough to hide the latency of a bucket; a local disk needs one or two.</summary>
    private const int ReadsAtOnce = 8;

    private readonly SemaphoreSlim _reads = new(ReadsAtOnce);

    /// <summary>Runs until the order ends. When it fails, the samples before the failure still leave, and then the failure.</summary>
    public async Task RunAsync(IEnumerable<SamplePlace> order, ChannelWriter<SampleBytes> samples, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            foreach (var place in order)
            {
                var index = await indexes.GetAsync(shards[place.Shard], cancellationToken);
                var sample = await SampleBytes.RentAsync(place, index, ring, cancellationToken);
                await _reads.WaitAsync(cancellationToken);
                sample.Arrived = ReadAsync(sample, cancellationToken);
                await samples.WriteAsync(sample, cancellationToken);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        samples.Complete(failure);
        await AllReadsEndAsync();
    }

    private async Task ReadAsync(SampleBytes sample, CancellationToken cancellationToken)
    {
        try
        {
            await sample.ReadAsync(dataset.Store, cancellationToken);
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
