using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Tests.Shards;
using ChangeDetection.Datasets.Verification;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Verification;

public sealed class DatasetSheetTests
{
    /// <summary>However many samples and shards there are, the sheet reads a few of them.</summary>
    [Fact]
    public void Chosen_OfAnySplits_AreFewEvenlySpreadAndThere() => Gen.Int[1, 100_000].Array[1, 5].Array[1, 6].Sample(splits =>
    {
        var manifest = ShardSamples.Manifest() with
        {
            Splits = splits.Index().ToDictionary(split => $"s{split.Index}", split => new SplitManifest
            {
                Shards =
                [
                    .. split.Item.Index().Select(shard => ShardSamples.Shard() with { Name = $"s{split.Index}-{shard.Index}.tar", Samples = shard.Item }),
                ],
                Samples = split.Item.Sum(),
                Bytes = 0,
                ChangeFraction = 0.5,
            }),
        };

        var chosen = DatasetSheet.Chosen(manifest).ToList();

        Assert.True(chosen.Count <= DatasetSheet.MostRows);
        Assert.All(chosen, one => Assert.InRange(one.Sample, 0, one.Shard.Samples - 1));
        Assert.Equal(chosen.Count, chosen.Distinct().Count());
        Assert.All(
            chosen.CountBy(one => one.Split).SkipLast(1),
            split => Assert.Equal(Math.Min(DatasetSheet.RowsPerSplit, split.Key.Samples), split.Value));
    }, iter: 200, seed: "0N0XIzNsQ0O2");
}
