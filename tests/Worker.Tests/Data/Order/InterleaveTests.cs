using ChangeDetection.Worker.Data.Order;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Order;

public sealed class InterleaveTests
{
    private static readonly Gen<(double[] Weights, long Seed, int Epoch)> s_cases =
        Gen.Select(Gen.Double[0.001, 1000].Array[1, 6], Gen.Long[0, Philox.MaxSeed], Gen.Int[0, 1000]);

    [Fact]
    public void AnyPrefix_HoldsEachOrdersShareToWithinOne() => s_cases.Sample(one =>
    {
        var interleave = new Interleave(one.Seed, one.Weights);
        var counts = new int[one.Weights.Length];
        for (var position = 0; position < 2000; position++)
        {
            counts[interleave.At(one.Epoch, position)]++;
            Assert.Equal(counts, interleave.Before(one.Epoch, position + 1));
            for (var order = 0; order < counts.Length; order++)
                Assert.InRange(counts[order] - (position + 1) * one.Weights[order] / one.Weights.Sum(), -one.Weights.Length, one.Weights.Length);
        }
    }, iter: 40, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void PositionNearTheEndOfTheLongestEpoch_IsFoundAtOnce()
    {
        var interleave = new Interleave(3, [1, 0.25]);
        const int Last = 1_000_000_000;
        var before = interleave.Before(0, Last);
        Assert.Equal(Last, before.Sum());
        Assert.InRange(before[0], Last / 5 * 4 - 1, Last / 5 * 4 + 1);
        Assert.InRange(interleave.At(0, Last), 0, 1);
    }

    [Fact]
    public void Epochs_BeginAtDifferentPhases()
    {
        var interleave = new Interleave(3, [1, 9]);
        var first = Enumerable.Range(0, 40).Select(epoch => Enumerable.Range(0, 20).First(position => interleave.At(epoch, position) == 0)).Distinct();
        Assert.InRange(first.Count(), 6, 10);
    }

    [Fact]
    public void EpochOrder_OfOneWholeSplit_IsThatSplitsOrder()
    {
        int[] shards = [5, 9, 3, 12];
        var alone = new ShuffledSampler(7, shards, 2, 70);
        var order = new EpochSampler(7, [new Stratum(0, 1, shards)], 2, 70);
        for (var from = 0; from < 70; from++)
            Assert.Equal(alone.Read(4, from), order.Read(4, from));
    }

    [Fact]
    public void EpochOrder_FromAnyPosition_GivesTheRestOfTheSameOrder() => s_cases.Sample(one =>
    {
        var strata = one.Weights.Select((weight, number) => new Stratum(number, weight, [3 + number, 1, 4 + 2 * number])).ToList();
        var order = new EpochSampler(one.Seed, strata, 2, 150);
        var whole = order.Read(one.Epoch, 0).ToList();
        Assert.Equal(Enumerable.Range(0, 150), whole.Select(place => place.Position));
        for (var from = 0; from <= 150; from += 13)
            Assert.Equal(whole[from..], order.Read(one.Epoch, from));
    }, iter: 40, seed: "0N0XIzNsQ0O2");
}
