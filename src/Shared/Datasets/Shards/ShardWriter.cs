using System.Text;
using ChangeDetection.Core.Storage;

namespace ChangeDetection.Datasets.Shards;

/// <summary>
/// Writes the shards of a split, each with its index and checksums, and rolls over to the next one when a sample would make a shard larger than
/// the target. Samples are pulled one at a time: no more than one is in memory. The same samples give the same bytes.
/// </summary>
/// <param name="store">Where the shards go, beside a future <c>dataset.json</c>.</param>
/// <param name="split">Name of the split, the beginning of the shards' names.</param>
public sealed class ShardWriter(IObjectStore store, string split)
{
    /// <summary>64 MiB: large enough for sequential reads, small enough to cache and to shuffle by.</summary>
    public const long DefaultTargetBytes = 64L << 20;
    private readonly List<ObjectKey> _written = [];

    /// <summary>A shard holds at least one sample and, beyond that, no more bytes than this.</summary>
    public long TargetBytes { get; init; } = DefaultTargetBytes;

    /// <summary>The objects written so far, for whoever must take them back.</summary>
    public IReadOnlyList<ObjectKey> Written => _written;

    /// <summary>Writes all samples. When that fails, the shards that were finished before stay (<see cref="Written"/>).</summary>
    /// <exception cref="ArgumentException">There is no sample, two have one key, or a name breaks a rule.</exception>
    /// <exception cref="ObjectExistsException">A shard of this name is already there.</exception>
    public async Task<SplitManifest> WriteAsync(IAsyncEnumerable<ShardSample> samples, CancellationToken cancellationToken)
    {
        await using var source = samples.GetAsyncEnumerator(cancellationToken);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var shards = new List<ShardManifest>();
        var (changed, pixels) = (0L, 0L);
        for (var more = await source.MoveNextAsync(); more;)
        {
            var shard = new Content(ShardNames.Shard(split, shards.Count), keys);
            await PutAsync(shard.Name, async (stream, token) => more = await FillAsync(shard, source, stream, token), cancellationToken);
            shards.Add(await PutSidecarsAsync(shard, cancellationToken));
            (changed, pixels) = (changed + shard.Changed, pixels + shard.Pixels);
        }
        if (shards.Count == 0)
            throw new ArgumentException($"The split '{split}' has no sample.", nameof(samples));
        return new()
        {
            Shards = shards,
            Samples = shards.Sum(shard => shard.Samples),
            Bytes = shards.Sum(shard => shard.Bytes),
            ChangeFraction = Fraction(changed, pixels),
        };
    }

    /// <summary>Writes the source's current sample and those behind it that still fit; true when there is another.</summary>
    private async Task<bool> FillAsync(Content shard, IAsyncEnumerator<ShardSample> source, Stream stream, CancellationToken cancellationToken)
    {
        if (shard.Samples.Count > 0)
            throw new InvalidOperationException($"{shard.Name} was begun twice, and its samples cannot be read again.");
        await using var hashing = new HashingStream(stream);
        bool more;
        await using (var tar = new ShardTar(hashing))
        {
            do
            {
                var sample = source.Current;
                shard.Add(await tar.WriteAsync(shard.Checked(sample), cancellationToken), sample);
                more = await source.MoveNextAsync();
            }
            while (more && hashing.Written + ShardTar.SizeOf(source.Current) + ShardTar.EndBytes <= TargetBytes);
        }
        (shard.Bytes, shard.Sha256) = (hashing.Written, hashing.Sha256());
        return more;
    }

    private async Task<ShardManifest> PutSidecarsAsync(Content shard, CancellationToken cancellationToken)
    {
        var index = new ShardIndex(shard.Name, shard.Samples);
        var (indexSha256, sumSha256) = await ShardSidecars.PutAsync(store, index, _written, cancellationToken);
        return new()
        {
            Name = shard.Name,
            Bytes = shard.Bytes,
            Sha256 = shard.Sha256,
            Samples = index.Count,
            ChangeFraction = Fraction(shard.Changed, shard.Pixels),
            IndexSha256 = indexSha256,
            SumSha256 = sumSha256,
            ChangedSamples = SampleBits.Of(shard.ChangedSamples).ToString(),
        };
    }

    private async Task PutAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(name);
        await store.PutAsync(key, write, cancellationToken);
        _written.Add(key);
    }

    private static double Fraction(long changed, long pixels) => pixels == 0 ? 0 : (double)changed / pixels;

    /// <summary>One shard while it is filled.</summary>
    private sealed class Content(string name, HashSet<string> keys)
    {
        private readonly List<IndexedSample> _samples = [];
        private readonly List<bool> _changedSamples = [];

        public string Name { get; } = name;
        public IReadOnlyList<IndexedSample> Samples => _samples;
        public IReadOnlyList<bool> ChangedSamples => _changedSamples;
        public long Changed { get; private set; }
        public long Pixels { get; private set; }
        public long Bytes { get; set; }
        public string Sha256 { get; set; } = "";

        public ShardSample Checked(ShardSample sample)
        {
            if (SampleKey.Violation(sample.Key) is { } rule)
                throw new ArgumentException($"The key '{sample.Key}' {rule}.", nameof(sample));
            if (Encoding.UTF8.GetByteCount(sample.Key) > SampleKey.MaxBytes)
                throw new ArgumentException($"The key '{sample.Key}' is longer than {SampleKey.MaxBytes} bytes.", nameof(sample));
            if (sample.Fields.Count == 0)
                throw new ArgumentException($"The sample '{sample.Key}' has no field.", nameof(sample));
            foreach (var field in sample.Fields.Keys)
            {
                if (ObjectKeyRules.SegmentViolation(field) is { } broken)
                    throw new ArgumentException($"The field '{field}' of the sample '{sample.Key}' {broken}.", nameof(sample));
            }
            return keys.Add(sample.Key) ? sample : throw new ArgumentException($"Two samples have the key '{sample.Key}'.", nameof(sample));
        }

        public void Add(IndexedSample indexed, ShardSample sample)
        {
            _samples.Add(indexed);
            _changedSamples.Add(sample.Changed > 0);
            (Changed, Pixels) = (Changed + sample.Changed, Pixels + sample.Pixels);
        }
    }
}
