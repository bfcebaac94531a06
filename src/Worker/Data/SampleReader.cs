using System.Threading.Channels;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// Second stage of the road: starts the reads in order, so many bytes ahead as the ring holds. Samples leave in order, each while its read may still be
/// under way. Room is rented in order too: a later sample never keeps an earlier one waiting.
/// </summary>
/// <param name="atOnce">Reads under way together: a local disk needs one or two, a bucket as many as hide its latency.</param>
internal sealed class SampleReader(ByteRing ring, int atOnce)
{
    public const int AtOnceFromDisk = 8;
    public const int AtOnceFromAfar = 32;

    private readonly SemaphoreSlim _reads = new(atOnce);

    /// <summary>Runs until the order ends. When it fails, the samples before the failure still leave, and then the failure.</summary>
    public async Task RunAsync(ChannelReader<PlacedSample> places, ChannelWriter<SampleBytes> samples, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await foreach (var (place, shard) in places.ReadAllAsync(cancellationToken))
            {
                var sample = await SampleBytes.RentAsync(place, await shard.Opened.WaitAsync(cancellationToken), ring, cancellationToken);
                await _reads.WaitAsync(cancellationToken);
                sample.Arrived = ReadAsync(sample, shard, cancellationToken);
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

    private async Task ReadAsync(SampleBytes sample, ShardInUse shard, CancellationToken cancellationToken)
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

    /// <summary>No read may outlive the stage: it would write into a range of the ring that is another's by then.</summary>
    private async Task AllReadsEndAsync()
    {
        for (var read = 0; read < atOnce; read++)
            await _reads.WaitAsync(CancellationToken.None);
    }
}
