using System.Globalization;
using ChangeDetection.Worker.Data.Order;

namespace ChangeDetection.Bench.Loader;

/// <summary>
/// <c>mixing</c>: how far the windowed order is from a uniform shuffle, for several window sizes, over 1,000 shards of 256 samples in batches of 64.
/// <list type="bullet">
/// <item>Distinct shards in a batch, on average and at least.</item>
/// <item>
/// How far apart in the order two samples end up that are neighbours in a shard, on average, over the third of the epoch that a uniform shuffle gives.
/// </item>
/// <item>How often two samples of one batch are of one shard, over how often they are in a uniform shuffle.</item>
/// <item>How far a sample moves from one epoch to the next, on average, over the same third.</item>
/// </list>
/// </summary>
internal static class MixingQuality
{
    private const int Shards = 1000;
    private const int ShardSamples = 256;
    private const int Batch = 64;

    public static int Run()
    {
        Console.WriteLine($"{Shards} shards of {ShardSamples} samples, batches of {Batch}");
        Console.WriteLine("| shuffle_shards | shards per batch (least) | neighbours' distance | pairs of one shard | moved per epoch |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var window in new[] { 1, 4, 16, 64, 256, Shards })
        {
            var order = new ShuffledSampler(1, Enumerable.Repeat(ShardSamples, Shards).ToArray(), window);
            var (first, second) = (order.Read(0, 0).ToList(), Positions(order.Read(1, 0)));
            var positions = Positions(first);
            var batches = first.Chunk(Batch).Select(batch => batch.Select(place => place.Shard).ToList()).ToList();
            var distinct = batches.Select(batch => batch.Distinct().Count()).ToList();
            var third = positions.Length / 3.0;
            var pairs = batches.Average(batch => batch.CountBy(shard => shard).Sum(shard => shard.Value * (shard.Value - 1) / 2.0));
            // A sample meets 255 others of its shard among all that are left.
            var uniformPairs = Batch * (Batch - 1) / 2.0 * (ShardSamples - 1) / (positions.Length - 1);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {window}{(window == Shards ? " (uniform)" : "")} | {distinct.Average():0.0} ({distinct.Min()}) " +
                $"| {Neighbours(positions) / third:0.000} | {pairs / uniformPairs:0.0} | {Moved(positions, second) / third:0.00} |"));
        }
        return 0;
    }

    /// <summary>The position of each sample, by its place in the manifest.</summary>
    private static int[] Positions(IEnumerable<SampleRef> order)
    {
        var positions = new int[Shards * ShardSamples];
        foreach (var place in order)
            positions[place.Shard * ShardSamples + place.Sample] = place.Position;
        return positions;
    }

    private static double Neighbours(int[] positions) => Enumerable.Range(0, positions.Length - 1)
        .Where(sample => (sample + 1) % ShardSamples != 0).Average(sample => Math.Abs((double)positions[sample] - positions[sample + 1]));

    private static double Moved(int[] one, int[] other) => one.Zip(other).Average(pair => Math.Abs((double)pair.First - pair.Second));
}
