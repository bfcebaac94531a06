using System.IO.Hashing;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Order;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Order;

/// <summary>One order, whoever reads it: every combination of ranks, threads, prefetch and caches, from any sample on, against the plainest reader there is.</summary>
public sealed class OrderAcrossRanksTests
{
    private const int Samples = 37;
    private const int Draws = 61;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed record Reader(int Ranks, int Decoders, int BatchesAhead, int BatchSize, DecodedCacheKind Cache, int CacheMb, bool Warm, int From);

    private static readonly Gen<Reader> s_readers = Gen.Select(
        Gen.OneOf(1, 2, 3, 8), Gen.OneOf(1, 2, 3, 8), Gen.Int[1, 6], Gen.Int[1, 20], Gen.Enum<DecodedCacheKind>(), Gen.Bool, Gen.Bool, Gen.Int[0, Draws - 1],
        (ranks, decoders, ahead, batch, cache, small, warm, from) => new Reader(ranks, decoders, ahead, batch, cache, small ? 1 : 64, warm, from));

    [Fact]
    public async Task Order_AnyRanksThreadsPrefetchAndCachesFromAnySampleOn_IsTheSameToTheBit()
    {
        // Samples of 65 kB decoded, so that a cache of 1 MiB holds some of them only.
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = Samples }, _ => (96, 96), shardBytes: 320_000);
        await AssertSameAsync(dataset.Config(samplesPerEpoch: Draws, readAheadMb: 2), iterations: 50);
    }

    [Fact]
    public async Task Order_WithEveryAugmentation_IsTheSameToTheBit()
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = Samples }, _ => (96, 96), shardBytes: 320_000);
        var config = dataset.Config(samplesPerEpoch: Draws, readAheadMb: 2);
        await AssertSameAsync(config with
        {
            // A quarter of the masks' pixels is changed, give or take: this share makes most crops a choice among several.
            Dataset = config.Dataset with { Train = config.Dataset.Train with { CropMinChange = 0.29 } },
            Augment = new() { SwapDates = true, Brightness = 0.2, Contrast = 0.1, Noise = 0.05, Misregister = 3 },
        }, iterations: 12);
    }

    private static async Task AssertSameAsync(ExperimentConfig config, int iterations)
    {
        var expected = await ReadAsync(config, 1, new Reader(1, 1, 1, 4, DecodedCacheKind.Off, 1, Warm: false, From: 0));
        Assert.Equal(Enumerable.Range(0, Draws), expected.Keys);

        await s_readers.SampleAsync(async reader =>
        {
            var read = await ReadAsync(config, 1, reader);
            Assert.Equal(expected.Where(sample => sample.Key >= reader.From), read);
        }, iter: Soak.IsOn ? 2000 : iterations, seed: "0N0XIzNsQ0O2", threads: 1);
    }

    /// <summary>What all ranks deliver together, by position.</summary>
    private static async Task<SortedDictionary<int, ulong>> ReadAsync(ExperimentConfig config, int epoch, Reader reader)
    {
        config = config with
        {
            Train = config.Train with { BatchSize = reader.BatchSize },
            Loader = new() { Decoders = reader.Decoders, BatchesAhead = reader.BatchesAhead, ReadAheadMb = 2, DecodedCache = reader.Cache, DecodedCacheMb = reader.CacheMb },
        };
        var read = new SortedDictionary<int, ulong>();
        var steps = new List<List<(int First, int Whole, int Count)>>();
        for (var rank = 0; rank < reader.Ranks; rank++)
        {
            using var streams = await RunDataLoader.OpenAsync(config, Token);
            if (reader.Warm)
                await Delivered.ReadAsync(streams.Training.ReadEpochAsync(epoch - 1, 0, Token));
            steps.Add(await AddAsync(read, streams.Training.ReadEpochAsync(epoch, reader.From, new RankRows(rank, reader.Ranks), Token)));
        }
        // Every rank takes the same steps, and what they have of a batch adds up to it.
        Assert.Single(steps.Select(rank => rank.Count).Distinct());
        for (var step = 0; step < steps[0].Count; step++)
            Assert.All(steps, rank => Assert.Equal(steps.Sum(other => other[step].Count), rank[step].Whole));
        return read;
    }

    private static async Task<List<(int First, int Whole, int Count)>> AddAsync(SortedDictionary<int, ulong> read, IAsyncEnumerable<Batch> batches)
    {
        var steps = new List<(int, int, int)>();
        await foreach (var batch in batches)
        {
            using (batch)
            {
                steps.Add((batch.FirstPosition, batch.WholeCount, batch.Count));
                for (var row = 0; row < batch.Count; row++)
                    read.Add(batch.FirstPosition + row, Fingerprint(batch, row));
            }
        }
        return steps;
    }

    private static ulong Fingerprint(Batch batch, int row)
    {
        var hash = new XxHash3();
        var pixels = batch.Height * batch.Width;
        hash.Append(System.Text.Encoding.UTF8.GetBytes(batch.Keys[row]));
        hash.Append(MemoryMarshal.AsBytes(batch.Before.AsSpan(row * pixels * batch.Channels, pixels * batch.Channels)));
        hash.Append(MemoryMarshal.AsBytes(batch.After.AsSpan(row * pixels * batch.Channels, pixels * batch.Channels)));
        hash.Append(batch.Mask.AsSpan(row * pixels, pixels));
        return hash.GetCurrentHashAsUInt64();
    }
}
