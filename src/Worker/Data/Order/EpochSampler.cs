using ChangeDetection.Datasets.Shards;

namespace ChangeDetection.Worker.Data.Order;

/// <summary>A part of what is trained on, with an order of its own: a split, or its samples of one class.</summary>
/// <param name="Source">Which of the data sets it lies in.</param>
/// <param name="Weight">How often it is drawn from, relative to the others.</param>
/// <param name="ShardSamples">How many samples of it each shard of the split has.</param>
/// <param name="Members">Which they are, per shard; null: all.</param>
internal sealed record Stratum(int Source, double Weight, IReadOnlyList<int> ShardSamples, IReadOnlyList<SampleBits>? Members = null)
{
    /// <summary>A split as it is.</summary>
    public static Stratum Whole(int source, double weight, SplitManifest split) => new(source, weight, [.. split.Shards.Select(shard => shard.Samples)]);

    /// <summary>The samples of a split that are members.</summary>
    public static Stratum Of(int source, double weight, IReadOnlyList<SampleBits> members) =>
        new(source, weight, [.. members.Select(bits => bits.Set)], members);
}

/// <summary>
/// The order of an epoch over all that is trained on: <see cref="Interleave"/> says which stratum a position draws from, and the stratum's own
/// <see cref="ShuffledSampler"/> which sample. With one stratum it is that one's order.
/// </summary>
internal sealed class EpochSampler
{
    private readonly IReadOnlyList<Stratum> _strata;
    private readonly IReadOnlyList<ShuffledSampler> _orders;
    private readonly Interleave _interleave;

    /// <param name="strata">At least one, each with at least one sample.</param>
    /// <param name="windowShards">Shards of each stratum that are shuffled together.</param>
    /// <param name="samplesPerEpoch">Draws per epoch; null: as many as there are samples.</param>
    public EpochSampler(long seed, IReadOnlyList<Stratum> strata, int windowShards, int? samplesPerEpoch)
    {
        _strata = strata;
        // The interleave says how far each order is read: as orders they have no end, but go round and round.
        _orders = [.. strata.Select((stratum, number) => new ShuffledSampler(seed, stratum.ShardSamples, windowShards, int.MaxValue, number))];
        _interleave = new Interleave(seed, [.. strata.Select(stratum => stratum.Weight)]);
        SamplesPerEpoch = samplesPerEpoch ?? checked(strata.Sum(stratum => stratum.ShardSamples.Sum()));
    }

    public int SamplesPerEpoch { get; }

    /// <summary>The draws of an epoch from a position on. Costs the memory of one window per stratum, and no replay of what stands before.</summary>
    public IEnumerable<SampleRef> Read(int epoch, int fromPosition)
    {
        var orders = _interleave.Before(epoch, fromPosition).Select((drawn, stratum) => _orders[stratum].Read(epoch, drawn).GetEnumerator()).ToList();
        try
        {
            for (var position = fromPosition; position < SamplesPerEpoch; position++)
            {
                var number = _interleave.At(epoch, position);
                orders[number].MoveNext();
                yield return Place(position, _strata[number], orders[number].Current);
            }
        }
        finally
        {
            orders.ForEach(order => order.Dispose());
        }
    }

    private static SampleRef Place(int position, Stratum stratum, SampleRef drawn) => new(
        position, drawn.Shard, stratum.Members is { } members ? members[drawn.Shard].Select(drawn.Sample) : drawn.Sample, stratum.Source);
}
