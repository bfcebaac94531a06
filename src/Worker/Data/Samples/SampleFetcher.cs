using System.Threading.Channels;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>
/// Second stage of the road: starts the reads in order, so many bytes ahead as the ring holds. Samples leave in order, each while its read may still be
/// under way. Room is rented in order too: a later sample never keeps an earlier one waiting.
/// </summary>
/// <param name="sources">The splits that the order's places lie in.</param>
internal sealed class SampleFetcher(IReadOnlyList<SplitSource> sources, ByteRing ring)
{
    private const int AtOnceFromDisk = 8;
    private const int AtOnceFromAfar = 32;

    /// <summary>Reads under way together: a local disk needs one or two, a bucket as many as hide its latency.</summary>
    private readonly int _atOnce = AtOnce(sources);
    private readonly SemaphoreSlim _reads = new(AtOnce(sources));

    /// <summary>Runs until the order ends. When it fails, the samples before the failure still leave, and then the failure.</summary>
    public async Task RunAsync(ChannelReader<PlacedSample> places, ChannelWriter<LoadedSample> samples, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await foreach (var place in places.ReadAllAsync(cancellationToken))
                await samples.WriteAsync(await BeginAsync(place, cancellationToken), cancellationToken);
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        samples.Complete(failure);
        await AllReadsEndAsync();
    }

    private async ValueTask<LoadedSample> BeginAsync(PlacedSample placed, CancellationToken cancellationToken)
    {
        var (place, shard) = placed;
        var source = sources[place.Source];
        if (source.Decoded?.Find(place, source.ShardOf(place).Name) is { } recorded)
        {
            shard?.Done();
            return recorded;
        }
        if (shard is null)
        {
            // Its record was there when the walk came by, and turned out damaged since.
            return await source.ReadAloneAsync(place, cancellationToken);
        }
        var sample = await EncodedSample.RentAsync(
            place, await shard.Opened.WaitAsync(cancellationToken), source.Format, ring, cancellationToken);
        await _reads.WaitAsync(cancellationToken);
        sample.Arrived = ReadAsync(sample, shard, cancellationToken);
        return sample;
    }

    private async Task ReadAsync(EncodedSample sample, ShardInUse shard, CancellationToken cancellationToken)
    {
        try
        {
            await sample.ReadAsync(cancellationToken);
        }
        finally
        {
            shard.Done();
            _reads.Release();
        }
    }

    private static int AtOnce(IReadOnlyList<SplitSource> sources) => sources.All(source => source.Shards.IsOnDisk) ? AtOnceFromDisk : AtOnceFromAfar;

    /// <summary>No read may outlive the stage: it would write into a range of the ring that is another's by then.</summary>
    private async Task AllReadsEndAsync()
    {
        for (var read = 0; read < _atOnce; read++)
            await _reads.WaitAsync(CancellationToken.None);
    }
}
