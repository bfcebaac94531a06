using System.Collections.Concurrent;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>The large buffers of a data loader, kept from one epoch to the next: the ring, the decoders' and the batches'.</summary>
internal sealed class LoaderBuffers(LoaderConfig loader)
{
    private readonly ConcurrentBag<SampleDecoder> _decoders = [];
    private ByteRing? _ring;

    public BatchBufferPool Batches { get; } = new(keep: loader.BatchesAhead + 1);

    public ByteRing RentRing() =>
        Interlocked.Exchange(ref _ring, null) ?? new ByteRing(checked((int)Math.Min((long)loader.ReadAheadMb << 20, Array.MaxLength)));

    /// <summary>Takes a ring back whose ranges are no longer in use, returned or not.</summary>
    public void Return(ByteRing ring)
    {
        ring.Clear();
        _ring = ring;
    }

    public SampleDecoder RentDecoder() => _decoders.TryTake(out var decoder) ? decoder : new SampleDecoder();

    public void Return(SampleDecoder decoder) => _decoders.Add(decoder);
}
