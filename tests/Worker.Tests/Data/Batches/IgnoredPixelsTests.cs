using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Tests.Data.Pixels;

namespace ChangeDetection.Worker.Tests.Data.Batches;

/// <summary>Unlabelled and missing pixels, from the shard to the batch.</summary>
public sealed class IgnoredPixelsTests
{
    private const int Side = IgnoringDataset.Side;
    private static readonly Dictionary<string, int> s_splits = new() { ["train"] = 10, ["val"] = 7 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<bool, NormalizationKind, DecodedCacheKind, int?> Kinds => new(
        from floats in new[] { false, true }
        from normalize in Enum.GetValues<NormalizationKind>()
        from cache in new[] { DecodedCacheKind.Off, DecodedCacheKind.Memory }
        from crop in new int?[] { 24, null }
        select (floats, normalize, cache, crop));

    /// <summary>Against the pairs themselves, each pixel by itself: what is missing is 0 and unlabelled, and nothing else is.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Training_MissingPixelsAreZeroAndUnlabelled_WhateverIsDrawn(bool floats, NormalizationKind normalize, DecodedCacheKind cache, int? crop)
    {
        using var dataset = await IgnoringDataset.WriteAsync(s_splits, floats);
        var config = With(dataset.Config(crop), normalize, cache);
        using var streams = await RunDataLoader.OpenAsync(config, Token);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var seen = 0;
            await foreach (var batch in streams.Training.ReadEpochAsync(epoch, 0, Token))
            {
                using (batch)
                {
                    Check(config, epoch, batch, dataset["train"]);
                    seen += batch.Count;
                }
            }
            Assert.Equal(10, seen);
        }
        Assert.Equal(cache == DecodedCacheKind.Off ? 0 : 20, streams.Counters.DecodedHits);
    }

    /// <summary>The same draws of a data set that knows of no missing pixel: every other value has the same bits.</summary>
    [Theory]
    [InlineData(NormalizationKind.Dataset)]
    [InlineData(NormalizationKind.Unit)]
    public async Task Training_PixelsThatAreThere_HaveTheBitsTheyHaveWithoutTheField(NormalizationKind normalize)
    {
        using var dataset = await IgnoringDataset.WriteAsync(s_splits);
        using var twin = await IgnoringDataset.WriteAsync(s_splits, fields: false);
        var (ours, theirs) = (await ReadAsync(With(dataset.Config(), normalize, DecodedCacheKind.Off)), await ReadAsync(
            With(twin.Config(), normalize, DecodedCacheKind.Off)));

        var cleared = 0;
        Assert.Equal(theirs.Count, ours.Count);
        foreach (var (our, their) in ours.Zip(theirs))
        {
            if (our == their)
                continue;
            Assert.Equal(0f, our);
            cleared++;
        }
        Assert.InRange(cleared, 1000, ours.Count / 2);

        async Task<List<float>> ReadAsync(ExperimentConfig config)
        {
            using var streams = await RunDataLoader.OpenAsync(config, Token);
            var values = new List<float>();
            await foreach (var batch in streams.Training.ReadEpochAsync(0, 0, Token))
            {
                using (batch)
                {
                    var count = batch.Count * batch.Height * batch.Width * 3;
                    values.AddRange([.. batch.Before.AsSpan(0, count), .. batch.After.AsSpan(0, count)]);
                }
            }
            return values;
        }
    }

    /// <summary>Nothing of what stands at a missing pixel reaches a network, by way of the image's own statistics neither.</summary>
    [Fact]
    public async Task Split_WithOtherValuesAtMissingPixels_IsTheSame()
    {
        foreach (var normalize in Enum.GetValues<NormalizationKind>())
        {
            var hashes = new HashSet<string>();
            foreach (var garbage in new[] { 1, 2 })
            {
                using var dataset = await IgnoringDataset.WriteAsync(s_splits, garbage: garbage);
                using var streams = await RunDataLoader.OpenAsync(With(dataset.Config(), normalize, DecodedCacheKind.Memory), Token);
                for (var time = 0; time < 2; time++)
                    hashes.Add((await Delivered.ReadAsync(streams.ReadSplitAsync("val", 4, Token))).Hash);
            }
            Assert.Single(hashes);
        }
    }

    [Fact]
    public async Task Fields_ChosenByTheConfig_KeepTheOneThatSaysWhatIsThere()
    {
        using var dataset = await IgnoringDataset.WriteAsync(s_splits);
        var config = With(dataset.Config(), NormalizationKind.Image, DecodedCacheKind.Off);
        config = config with { Loss = new() { ClassWeights = ClassWeighting.Given(1, 1) } };
        var named = config with { Dataset = config.Dataset with { Fields = new("before.png", "after.png", "mask.png") } };
        using var plain = await RunDataLoader.OpenAsync(config, Token);
        using var chosen = await RunDataLoader.OpenAsync(named, Token);
        Assert.Equal((await Delivered.ReadAsync(plain.ReadSplitAsync("val", 4, Token))).Hash, (await Delivered.ReadAsync(
            chosen.ReadSplitAsync("val", 4, Token))).Hash);
    }

    [Theory]
    [InlineData(Side, 3, "has 3 channels of UInt8 in valid.png, where one of 8 bits says which pixels are there")]
    [InlineData(Side - 1, 1, "is 40x40 in before.png, but 39x39 in valid.png")]
    public async Task FieldOfAnotherShape_IsRefusedNamingIt(int side, int channels, string problem)
    {
        var shape = new ImageShape(side, side, channels, PixelType.UInt8);
        using var dataset = await IgnoringDataset.WriteAsync(s_splits, spoil: _ => new PixelImage(shape, new byte[shape.Bytes]));
        using var streams = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        var error = await Assert.ThrowsAsync<SampleRejectedException>(() => Delivered.ReadAsync(streams.ReadSplitAsync("val", 4, Token)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FieldThatWasDamaged_IsRefusedNamingIt()
    {
        using var dataset = await IgnoringDataset.WriteAsync(s_splits);
        using var streams = await RunDataLoader.OpenAsync(dataset.Config(), Token);
        var shards = await ShardDataset.OpenAsync(ChangeDetection.Core.Storage.ObjectStores.Open(dataset.Uri), Token);
        var shard = shards.Manifest.Splits["val"].Shards[0];
        var field = (await shards.ReadIndexAsync(shard, Token)).Find(1, SampleFields.Valid)!.Value;
        using (var file = File.Open(Path.Combine(dataset.Uri.LocalPath, shard.Name), FileMode.Open))
        {
            file.Position = field.Offset + field.Length / 2;
            file.WriteByte(0x5A);
        }
        var error = await Assert.ThrowsAsync<ShardCorruptException>(() => Delivered.ReadAsync(streams.ReadSplitAsync("val", 4, Token)));
        Assert.Contains("val_001.valid.png", error.Message, StringComparison.Ordinal);
    }

    private static ExperimentConfig With(ExperimentConfig config, NormalizationKind normalize, DecodedCacheKind cache) => config with
    {
        Normalize = Normalizations.Of(normalize, channels: 3),
        Augment = new() { SwapDates = true, Misregister = 5, Brightness = 0.3, Contrast = 0.2, Noise = 0.1 },
        Loader = config.Loader with { DecodedCache = cache },
        Train = config.Train with { Epochs = 3 },
    };

    private static void Check(ExperimentConfig config, int epoch, Batch batch, IReadOnlyList<IgnoringDataset.Pair> pairs)
    {
        var ignored = 0;
        var pixels = batch.Height * batch.Width;
        for (var row = 0; row < batch.Count; row++)
        {
            var pair = pairs.Single(one => one.Key == batch.Keys[row]);
            var position = batch.FirstPosition + row;
            var crop = GeometricAugmentation.Draw(config.Seed, epoch, position, config.Augment, config.Dataset.Train.Crop, Side, Side);
            var (first, second) = (Sources(crop), Sources(crop.OfSecondDate()));
            var expected = first.Zip(second, (one, other) => pair.IsThere(one) && pair.IsThere(other) ? pair.Mask[one] : MaskReader.Ignored).ToList();
            Assert.Equal(expected, batch.Mask.AsSpan(row * pixels, pixels).ToArray());
            ignored += expected.Count(label => label == MaskReader.Ignored);
            var (one, other) = crop.SwapDates ? (pair.After, pair.Before) : (pair.Before, pair.After);
            CheckDate(config, epoch, position, false, pair, one, first, batch.Before.AsSpan(row * pixels * 3, pixels * 3));
            CheckDate(config, epoch, position, true, pair, other, second, batch.After.AsSpan(row * pixels * 3, pixels * 3));
        }
        Assert.Equal(ignored, batch.Ignored);
        Assert.Equal(batch.Count * pixels - ignored, batch.Labelled(0, batch.Count));
    }

    private static void CheckDate(
        ExperimentConfig config, int epoch, int position, bool second, IgnoringDataset.Pair pair, PixelImage image, List<int> sources, Span<float> values)
    {
        var there = Enumerable.Range(0, Side * Side).Where(pair.IsThere).SelectMany(at => Enumerable.Range(3 * at, 3)).Select(at => Value(image, at)).ToList();
        var (mean, deviation) = (there.Average(), Math.Sqrt(there.Average(value => value * value) - there.Average() * there.Average()));
        double[] means = [100.5, 110.25, 120.125], deviations = [60.5, 70.25, 80.125];
        var expected = new float[values.Length];
        for (var at = 0; at < expected.Length; at++)
        {
            var value = Value(image, 3 * sources[at / 3] + at % 3);
            var unit = image.Shape.Type == PixelType.UInt8 ? value / 255 : value;
            expected[at] = (float)(config.Normalize switch
            {
                { Kind: NormalizationKind.Dataset } => (value - means[at % 3]) / deviations[at % 3],
                { Kind: NormalizationKind.Image } => (value - mean) / deviation,
                { Figures: { } figures } => (unit - figures.Mean[at % 3]) / figures.Deviation[at % 3],
                _ => unit,
            });
        }
        new Augmenter(config.Seed, epoch, config.Augment, null, null).ChangeInput(position, second, expected);
        for (var at = 0; at < expected.Length; at++)
        {
            if (!pair.IsThere(sources[at / 3]))
                Assert.Equal(0f, values[at]);
            else
                Assert.Equal(expected[at], values[at], 1e-3f * Math.Max(1, Math.Abs(expected[at])));
        }
    }

    /// <summary>The place of every pixel of a crop in the image; outside of it, that of the border's.</summary>
    private static List<int> Sources(GeometricAugmentation crop) =>
        [.. PixelCopierTests.Sources(crop).Select(at => Math.Clamp(at.Row, 0, Side - 1) * Side + Math.Clamp(at.Column, 0, Side - 1))];

    private static double Value(PixelImage image, int at) =>
        image.Shape.Type == PixelType.UInt8 ? image.Pixels[at] : MemoryMarshal.Cast<byte, float>(image.Bytes)[at];
}
