using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Worker.Data.Samples.Decoded;

/// <summary>The records of one split: where each sample's lies, 16 bytes of memory per sample of a shard that has any.</summary>
/// <param name="number">Its number among the cache's splits.</param>
/// <param name="first">Whether others get only the room that it will leave over.</param>
internal sealed class DecodedSplit(DecodedCache cache, int number, IReadOnlyList<int> shardSamples, bool first)
{
    private readonly Lock _lock = new();
    private readonly Entry[]?[] _shards = new Entry[]?[shardSamples.Count];
    private readonly List<DecodedShape> _shapes = [];
    private readonly long _samples = shardSamples.Sum(samples => (long)samples);
    private long _recorded;
    private long _bytes;

    public bool IsFirst => first;

    /// <summary>Bytes that its samples without a record would take, each as much as those with one; null while that is unknown.</summary>
    public long? Expected
    {
        get
        {
            lock (_lock)
                return _recorded == 0 ? null : _bytes / _recorded * Math.Max(0, _samples - _recorded);
        }
    }

    /// <summary>Whether the sample has a record, damaged or not.</summary>
    public bool Has(SampleRef place) => Look(place) is not null;

    /// <summary>The sample's record; null when there is none, or none that can be trusted.</summary>
    /// <param name="shard">The shard's name, for messages.</param>
    public CachedSample? Find(SampleRef place, string shard)
    {
        if (Look(place) is not var (entry, shape))
            return null;
        var header = new byte[entry.Header];
        var sums = new ulong[shape.Sums];
        if (TryRead(entry.Offset, header) && RecordHeader.TryRead(header, sums, Seed(place), out var key, out var origin))
            return new CachedSample(this, place, shard, key, origin, shape, entry.Offset + entry.Header, sums);
        Drop(place, shard);
        return null;
    }

    /// <summary>Keeps a decoded sample, if there is room and it is not there yet.</summary>
    public void Record(SampleRef place, string key, SampleOrigin? origin, DecodedPlanes planes)
    {
        if (!TryClaim(place))
            return;
        var shape = planes.Shape;
        var (header, entry) = (RecordHeader.Length(key, shape.Sums), default(Entry));
        try
        {
            if (cache.Reserve(this, header + shape.Bytes) is not { } offset)
                return;
            var sums = new ulong[shape.Sums];
            foreach (var (plane, image) in planes.All)
                Sum(shape, plane, image, Seed(place), sums);
            cache.Medium.Write(offset, [RecordHeader.Write(key, origin, sums, Seed(place)), .. planes.All.Select(one => Pixels(one.Image))]);
            entry = new Entry(offset, header, Number(shape));
        }
        catch (IOException exception)
        {
            cache.Close(exception);
        }
        finally
        {
            Publish(place, entry, header + shape.Bytes);
        }
    }

    /// <summary>Forgets a record that is damaged. Its room is lost: a place that failed once is better not used again.</summary>
    public void Drop(SampleRef place, string shard)
    {
        lock (_lock)
            _shards[place.Shard]![place.Sample] = default;
        cache.Damaged(shard, place.Sample);
    }

    /// <summary>Reads bytes of a record; false where they cannot be had.</summary>
    public bool TryRead(long offset, Span<byte> target)
    {
        cache.Counters.DecodedRead(target.Length);
        try
        {
            return cache.Medium.Read(offset, target);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Names a record among all of the cache.</summary>
    public long Seed(SampleRef place) => (long)number << 56 ^ (long)place.Shard << 32 ^ (uint)place.Sample;

    private (Entry Entry, DecodedShape Shape)? Look(SampleRef place)
    {
        lock (_lock)
            return _shards[place.Shard]?[place.Sample] is { IsThere: true } entry ? (entry, _shapes[entry.Shape]) : null;
    }

    private bool TryClaim(SampleRef place)
    {
        lock (_lock)
        {
            ref var entry = ref (_shards[place.Shard] ??= new Entry[shardSamples[place.Shard]])[place.Sample];
            if (entry != default)
                return false;
            entry = Entry.Claimed;
            return true;
        }
    }

    private void Publish(SampleRef place, Entry entry, long bytes)
    {
        lock (_lock)
        {
            _shards[place.Shard]![place.Sample] = entry;
            if (entry.IsThere)
                (_recorded, _bytes) = (_recorded + 1, _bytes + bytes);
        }
    }

    /// <summary>Samples are of few sizes, so an entry holds a small number instead of the size.</summary>
    private int Number(DecodedShape shape)
    {
        lock (_lock)
        {
            if (_shapes.IndexOf(shape) is >= 0 and var known)
                return known;
            _shapes.Add(shape);
            return _shapes.Count - 1;
        }
    }

    private static void Sum(DecodedShape shape, DecodedPlane plane, PixelImage image, long seed, ulong[] sums)
    {
        var bands = shape.Bands(plane);
        for (var band = 0; band < bands.Count; band++)
            sums[shape.FirstSum(plane) + band] = bands.Hash(band, image.Bytes, 0, seed);
    }

    private static ReadOnlyMemory<byte> Pixels(PixelImage image) => image.Pixels.AsMemory(0, (int)image.Shape.Bytes);

    /// <param name="Header">Bytes before the pixels.</param>
    /// <param name="Shape">Number of the size.</param>
    private readonly record struct Entry(long Offset, int Header, int Shape)
    {
        /// <summary>Some decoder is about to write the record.</summary>
        public static Entry Claimed { get; } = new(-1, 0, 0);

        public bool IsThere => Header > 0;
    }
}
