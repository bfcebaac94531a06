namespace ChangeDetection.Worker.Data.Order;

/// <summary>A draw: its position in the epoch, and the sample that comes there.</summary>
/// <param name="Shard">Index of the shard in the split.</param>
/// <param name="Sample">Index of the sample in the shard.</param>
/// <param name="Source">Which of the data sets that are trained on; 0 where there is one.</param>
public readonly record struct SampleRef(int Position, int Shard, int Sample, int Source = 0);

/// <summary>
/// Which sample comes at which position of an epoch: a pure function of the seed, the epoch and the shards' sizes.
/// <para>
/// The shards are permuted; runs of at most <c>windowShards</c> of them, as equal as can be, are windows; the samples of a window are shuffled together.
/// So each shard is in use during one window alone, and any position is found in the memory of one window, without replay.
/// </para>
/// <para>
/// More draws than samples: the order goes round again, each round permuted anew. Fewer: the epoch is the beginning of its order, another one each epoch.
/// </para>
/// </summary>
public sealed class ShuffledSampler
{
    private readonly IReadOnlyList<int> _shardSamples;
    private readonly int _windows;
    private readonly int _samples;
    private readonly Philox _shardDraws;
    private readonly Philox _windowDraws;
    private readonly uint _stratum;

    /// <param name="seed">0 to <see cref="Philox.MaxSeed"/>.</param>
    /// <param name="shardSamples">Samples of each shard of the split, in the manifest's order.</param>
    /// <param name="windowShards">Shards shuffled together, at least 1.</param>
    /// <param name="samplesPerEpoch">Draws per epoch; null: each sample once.</param>
    /// <param name="stratum">Number of this order among those of one experiment, 0 to 255: no two of them draw the same numbers.</param>
    public ShuffledSampler(long seed, IReadOnlyList<int> shardSamples, int windowShards, int? samplesPerEpoch = null, int stratum = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)stratum, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(windowShards, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samplesPerEpoch ?? 1, 1);
        _shardSamples = shardSamples;
        _samples = checked(shardSamples.Sum());
        ArgumentOutOfRangeException.ThrowIfLessThan(_samples, 1, nameof(shardSamples));
        _windows = (shardSamples.Count + windowShards - 1) / windowShards;
        _shardDraws = new Philox(seed, DrawPurpose.ShardOrder);
        _windowDraws = new Philox(seed, DrawPurpose.WindowOrder);
        _stratum = (uint)stratum << 24;
        SamplesPerEpoch = samplesPerEpoch ?? _samples;
    }

    public int SamplesPerEpoch { get; }

    /// <summary>The draws of an epoch from a position on.</summary>
    public IEnumerable<SampleRef> Read(int epoch, int fromPosition)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(fromPosition);
        return ReadFrom(epoch, fromPosition);
    }

    /// <summary>Every sample once, as the manifest has them.</summary>
    public static IEnumerable<SampleRef> InManifestOrder(IReadOnlyList<int> shardSamples)
    {
        var position = 0;
        for (var shard = 0; shard < shardSamples.Count; shard++)
        {
            for (var sample = 0; sample < shardSamples[shard]; sample++)
                yield return new SampleRef(position++, shard, sample);
        }
    }

    private IEnumerable<SampleRef> ReadFrom(int epoch, int position)
    {
        while (position < SamplesPerEpoch)
        {
            var (round, skip) = Math.DivRem(position, _samples);
            foreach (var (shard, sample) in ReadRound(epoch, round, skip).Take(SamplesPerEpoch - position))
                yield return new SampleRef(position++, shard, sample);
        }
    }

    private IEnumerable<(int Shard, int Sample)> ReadRound(int epoch, int round, int skip)
    {
        var shards = Enumerable.Range(0, _shardSamples.Count).ToArray();
        _shardDraws.Shuffle(shards.AsSpan(), _stratum, (uint)epoch, (uint)round);
        for (var window = 0; window < _windows; window++)
        {
            var chosen = new ArraySegment<int>(shards)[WindowStart(window)..WindowStart(window + 1)];
            var size = chosen.Sum(shard => _shardSamples[shard]);
            if (skip >= size)
            {
                skip -= size;
                continue;
            }
            var samples = new (int Shard, int Sample)[size];
            Fill(samples, chosen);
            _windowDraws.Shuffle(samples.AsSpan(), _stratum | (uint)window, (uint)epoch, (uint)round);
            for (; skip < size; skip++)
                yield return samples[skip];
            skip = 0;
        }
    }

    /// <summary>Windows differ by one shard at most: a last one of a single shard would hardly mix.</summary>
    private int WindowStart(int window) => (int)((long)window * _shardSamples.Count / _windows);

    private void Fill((int Shard, int Sample)[] samples, ArraySegment<int> shards)
    {
        var at = 0;
        foreach (var shard in shards)
        {
            for (var sample = 0; sample < _shardSamples[shard]; sample++)
                samples[at++] = (shard, sample);
        }
    }
}
