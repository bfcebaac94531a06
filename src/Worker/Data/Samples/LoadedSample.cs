using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>
/// One sample on its way to the decoder: as encoded bytes of its shard (<see cref="EncodedSample"/>), or as a record of the decoded cache
/// (<see cref="Decoded.CachedSample"/>).
/// </summary>
internal abstract class LoadedSample(SampleRef place, string shard, string key) : IDisposable
{
    public SampleRef Place { get; } = place;
    public string Shard { get; } = shard;
    public string Key { get; } = key;

    /// <summary>Ends when all that the decoder waits for is there and verified.</summary>
    public Task Arrived { get; set; } = Task.CompletedTask;

    public abstract void Dispose();
}
