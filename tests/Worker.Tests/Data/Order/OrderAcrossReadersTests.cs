using System.IO.Hashing;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Data.Batches;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Order;

/// <summary>One order for every reader: all combinations of threads, prefetch and caches, from any sample on, against the plainest reader there is.</summary>
public sealed class OrderAcrossReadersTests
{
    private const int Samples = 37;
    private const int Draws = 61;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed record Reader(int Decoders, int BatchesAhead, int BatchSize, DecodedCacheKind Cache, int CacheMb, bool Warm, int From);

    private static readonly Gen<Reader> s_readers = Gen.Select(
        Gen.OneOf(1, 2, 3, 8), Gen.Int[1, 6], Gen.Int[1, 20], Gen.Enum<DecodedCacheKind>(), Gen.Bool, Gen.Bool, Gen.Int[0, Draws - 1],
        (decoders, ahead, batch, cache, small, warm, from) => new Reader(decoders, ahead, batch, cache, small ? 1 : 64, warm, from));

    [Fact]
    public Task Order_AnyThreadsPrefetchAndCachesFromAnySampleOn_IsTheSameToTheBit() => PlainAsync(iterations: 50);

    [Fact]
    public Task Order_WithEveryAugmentation_IsTheSameToTheBit() => AugmentedAsync(iterations: 12);

    internal static async Task PlainAsync(int iterations)
    {
        // Samples of 65 kB decoded, so that a cache of 1 MiB holds some of them only.
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = Samples }, _ => (96, 96), shardBytes: 320_000);
        await AssertSameAsync(dataset.Config(samplesPerEpoch: Draws, readAheadMb: 2), iterations);
    }

    internal static async Task AugmentedAsync(int iterations)
    {
        using var dataset = await PackedDataset.PackAsync(new Dictionary<string, int> { ["train"] = Samples }, _ => (96, 96), shardBytes: 320_000);
        var config = dataset.Config(samplesPerEpoch: Draws, readAheadMb: 2);
        await AssertSameAsync(config with
        {
            // A quarter of the masks' pixels is changed, give or take: this share makes most crops a choice among several.
            Dataset = config.Dataset with { Train = config.Dataset.Train with { CropMinChange = 0.29 } },
            Augment = new() { SwapDates = true, Brightness = 0.2, Contrast = 0.1, Noise = 0.05, Misregister = 3 },
        }, iterations);
    }

    private static async Task AssertSameAsync(ExperimentConfig config, int iterations)
    {
        var expected = await ReadAsync(config, 1, new Reader(1, 1, 4, DecodedCacheKind.Off, 1, Warm: false, From: 0));
        Assert.Equal(Enumerable.Range(0, Draws), expected.Keys);

        await s_readers.SampleAsync(async reader =>
        {
            var read = await ReadAsync(config, 1, reader);
            Assert.Equal(expected.Where(sample => sample.Key >= reader.From), read);
        }, iter: iterations, seed: "0N0XIzNsQ0O2", threads: 1);
    }

    /// <summary>What is delivered, by position.</summary>
    private static async Task<SortedDictionary<int, ulong>> ReadAsync(ExperimentConfig config, int epoch, Reader reader)
    {
        config = config with
        {
            Train = config.Train with { BatchSize = reader.BatchSize },
            Loader = new()
            {
                Decoders = reader.Decoders,
                BatchesAhead = reader.BatchesAhead,
                ReadAheadMb = 2,
                DecodedCache = reader.Cache,
                DecodedCacheMb = reader.CacheMb,
            },
        };
        var read = new SortedDictionary<int, ulong>();
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        if (reader.Warm)
            await Delivered.ReadAsync(streams.Training.ReadEpochAsync(epoch - 1, 0, Token));
        await foreach (var batch in streams.Training.ReadEpochAsync(epoch, reader.From, Token))
        {
            using (batch)
            {
                // Of one size from wherever the reading begins, the last one of what is left.
                Assert.Equal(reader.From + read.Count, batch.FirstPosition);
                Assert.Equal(Math.Min(reader.BatchSize, Draws - batch.FirstPosition), batch.Count);
                for (var row = 0; row < batch.Count; row++)
                    read.Add(batch.FirstPosition + row, Fingerprint(batch, row));
            }
        }
        return read;
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
