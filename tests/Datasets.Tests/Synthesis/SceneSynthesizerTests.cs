using System.Security.Cryptography;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Tests.Synthesis;

public sealed class SceneSynthesizerTests
{
    private const int Size = 128, Pairs = 48;

    private static readonly Lazy<SyntheticPair[]> s_pairs = new(
        () => [.. ParallelEnumerable.Range(0, Pairs).AsOrdered().Select(index => SceneSynthesizer.Generate(7, index, Size))]);

    [Fact]
    public void Generate_TheSameArguments_GiveTheBytesPinnedHere()
    {
        var pair = SceneSynthesizer.Generate(seed: 1, index: 2, size: 64);

        Assert.Equal("9C009268702A12BB", Convert.ToHexString(SHA256.HashData([.. pair.Before.Bytes, .. pair.After.Bytes, .. pair.Mask.Bytes]))[..16]);
    }

    [Fact]
    public void Generate_AnotherSeedOrIndex_GivesAnotherScene()
    {
        byte[][] scenes = [
            .. new[] { (1, 1), (1, 2), (2, 1), (-1, 1) }.Select(key => SceneSynthesizer.Generate(key.Item1, key.Item2, 32).Before.Bytes.ToArray())];

        Assert.Equal(4, scenes.Select(Convert.ToHexString).Distinct().Count());
    }

    [Theory, InlineData(32), InlineData(50), InlineData(257)]
    public void Generate_AnySize_HasThatShapeAndABinaryMask(int size)
    {
        var pair = SceneSynthesizer.Generate(3, 0, size);

        Assert.Equal(new ImageShape(size, size, 3, PixelType.UInt8), pair.Before.Shape);
        Assert.Equal(pair.Before.Shape, pair.After.Shape);
        Assert.Equal(new ImageShape(size, size, 1, PixelType.UInt8), pair.Mask.Shape);
        Assert.All(pair.Mask.Bytes.ToArray().Distinct(), value => Assert.Contains(value, new byte[] { 0, 255 }));
    }

    [Theory, InlineData(31), InlineData(1025)]
    public void Generate_ASizeOutOfRange_IsRefused(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SceneSynthesizer.Generate(1, 1, size));

    [Fact]
    public void Generate_ManyPairs_ChangeBetweenSixAndTwelvePercent_AndNearlyAllChange()
    {
        var fractions = s_pairs.Value.Select(pair => pair.Mask.Bytes.ToArray().Count(value => value != 0) / (double)(Size * Size)).ToList();

        Assert.InRange(fractions.Average(), 0.06, 0.12);
        Assert.InRange(fractions.Count(fraction => fraction < 0.005), 0, Pairs / 20);
    }

    /// <summary>What a network is measured against: no threshold on a difference of pixels may come near.</summary>
    [Fact]
    public void Threshold_ChosenOnTheTrainingHalf_ScoresLowOnTheOther()
    {
        foreach (var (name, difference) in Differences)
        {
            var training = Histogram(s_pairs.Value[..(Pairs / 2)], difference);
            var threshold = Enumerable.Range(0, 256).MaxBy(threshold => F1(training, threshold));
            var score = F1(Histogram(s_pairs.Value[(Pairs / 2)..], difference), threshold);
            Assert.True(score is > 0.1 and <= 0.35, $"the threshold {threshold} on {name} scores {score:F3}");
        }
    }

    private static IEnumerable<(string Name, Func<int, int, int, int> Of)> Differences =>
    [
        ("the mean", (r, g, b) => (Math.Abs(r) + Math.Abs(g) + Math.Abs(b)) / 3),
        ("the largest", (r, g, b) => Math.Max(Math.Abs(r), Math.Max(Math.Abs(g), Math.Abs(b)))),
        ("the smallest", (r, g, b) => Math.Min(Math.Abs(r), Math.Min(Math.Abs(g), Math.Abs(b)))),
        ("brightness", (r, g, b) => Math.Abs(r + g + b) / 3),
        ("red", (r, _, _) => Math.Abs(r)),
        ("green", (_, g, _) => Math.Abs(g)),
        ("blue", (_, _, b) => Math.Abs(b)),
        ("red against green", (r, g, _) => Math.Abs(r - g) / 2),
        ("blue against yellow", (r, g, b) => Math.Abs(2 * b - r - g) / 4),
    ];

    /// <summary>Pixels per difference, unchanged and changed.</summary>
    private static (long Unchanged, long Changed)[] Histogram(IEnumerable<SyntheticPair> pairs, Func<int, int, int, int> difference)
    {
        var histogram = new (long Unchanged, long Changed)[256];
        foreach (var (before, after, mask) in pairs)
        {
            for (var i = 0; i < mask.Pixels.Length; i++)
            {
                var value = difference(
                    after.Pixels[3 * i] - before.Pixels[3 * i], after.Pixels[3 * i + 1] - before.Pixels[3 * i + 1],
                    after.Pixels[3 * i + 2] - before.Pixels[3 * i + 2]);
                _ = mask.Pixels[i] != 0 ? histogram[value].Changed++ : histogram[value].Unchanged++;
            }
        }
        return histogram;
    }

    private static double F1((long Unchanged, long Changed)[] histogram, int threshold)
    {
        var found = histogram[threshold..].Sum(bin => bin.Changed);
        var wrong = histogram[threshold..].Sum(bin => bin.Unchanged);
        return 2.0 * found / Math.Max(1, found + wrong + histogram.Sum(bin => bin.Changed));
    }
}
