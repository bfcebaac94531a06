using ChangeDetection.Worker.Data.Order;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Order;

public sealed class ShuffledSamplerTests(ITestOutputHelper output)
{
    private const string Seed = "0N0XIzNsQ0O2";

    private static readonly Gen<(int[] Shards, int Window, int? Draws, long Seed, int Epoch)> s_orders = Gen.Select(
        Gen.Int[1, 40].Array[1, 12],
        Gen.Int[1, 14],
        Gen.Int[-300, 900].Select(draws => draws > 0 ? (int?)draws : null),
        Gen.Long[0, Philox.MaxSeed],
        Gen.Int[0, 1000]);

    [Fact]
    public void EachRound_IsAPermutationOfTheSplit() => s_orders.Sample(order =>
    {
        var (shards, window, draws, seed, epoch) = order;
        var total = shards.Sum();
        var read = Read(order, 0);
        Assert.Equal(draws ?? total, read.Count);
        Assert.Equal(Enumerable.Range(0, read.Count), read.Select(place => place.Position));
        foreach (var round in read.Chunk(total))
        {
            Assert.All(round, place => Assert.InRange(place.Sample, 0, shards[place.Shard] - 1));
            Assert.Equal(round.Length, round.Select(place => (place.Shard, place.Sample)).Distinct().Count());
        }
    }, iter: 300, seed: Seed);

    [Fact]
    public void AnyStartPosition_GivesTheRestOfTheSameOrder()
        => Gen.Select(s_orders, Gen.Double[0, 1]).Sample((order, fraction) =>
        {
            var whole = Read(order, 0);
            var from = (int)(fraction * whole.Count);
            Assert.Equal(whole[from..], Read(order, from));
        }, iter: 300, seed: Seed);

    [Fact]
    public void EachShard_IsInUseDuringOneWindowAlone() => s_orders.Where(order => order.Draws is null).Sample(order =>
    {
        var inUse = Read(order, 0).GroupBy(place => place.Shard).Select(
            group => (First: group.Min(place => place.Position), Last: group.Max(place => place.Position)));
        var most = inUse.Max(shard => inUse.Count(other => other.First <= shard.First && shard.First <= other.Last));
        Assert.InRange(most, 1, order.Window);
    }, iter: 200, seed: Seed);

    [Fact]
    public void EpochsRoundsAndSeeds_DifferFromEachOther()
    {
        int[] shards = [40, 60, 50];
        var orders = new List<string>();
        foreach (var (seed, epoch) in new[] { (7L, 0), (7L, 1), (8L, 0) })
        {
            var rounds = new ShuffledSampler(seed, shards, 2, samplesPerEpoch: 450).Read(epoch, 0).Chunk(150);
            orders.AddRange(rounds.Select(round => string.Join(' ', round.Select(place => (place.Shard, place.Sample)))));
        }
        Assert.Equal(9, orders.Distinct().Count());
    }

    [Fact]
    public void FewerDrawsThanSamples_TakesAnotherPartOfTheSplitEachEpoch()
    {
        var order = new ShuffledSampler(3, [100, 100, 100], 2, samplesPerEpoch: 30);
        var seen = Enumerable.Range(0, 60).SelectMany(epoch => order.Read(epoch, 0)).Select(place => (place.Shard, place.Sample)).Distinct().Count();
        Assert.InRange(seen, 280, 300);
    }

    /// <summary>Pins the order: a change here breaks the resume of every run in the world.</summary>
    [Fact]
    public void KnownSeed_GivesTheOrderItAlwaysGave()
    {
        var order = new ShuffledSampler(7, [3, 2, 4], windowShards: 2);
        Assert.Equal(KnownOrder, string.Join(' ', order.Read(1, 0).Select(place => $"{place.Shard}.{place.Sample}")));
    }

    private const string KnownOrder = "0.0 0.2 0.1 2.0 2.2 1.1 2.3 2.1 1.0";

    [Fact]
    public void WindowOfSixteen_MixesFifteenShardsIntoABatch()
    {
        var order = new ShuffledSampler(1, Enumerable.Repeat(256, 1000).ToArray(), windowShards: 16);
        var batches = order.Read(0, 0).Chunk(64).Select(batch => batch.Select(place => place.Shard).Distinct().Count()).ToList();
        output.WriteLine($"distinct shards in a batch of 64: mean {batches.Average():0.0}, least {batches.Min()}");
        Assert.InRange(batches.Average(), 15, 16.5);
        Assert.InRange(batches.Min(), 10, 16);
    }

    private static List<SampleRef> Read((int[] Shards, int Window, int? Draws, long Seed, int Epoch) order, int from)
        => [.. new ShuffledSampler(order.Seed, order.Shards, order.Window, order.Draws).Read(order.Epoch, from)];
}
