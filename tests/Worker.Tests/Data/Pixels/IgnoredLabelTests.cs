using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Pixels;

/// <summary>Labels and crops of masks that know unlabelled pixels.</summary>
public sealed class IgnoredLabelTests
{
    private const int Side = 60;
    private const int Crop = 12;

    private static readonly byte[] s_values = [0, 0, 1, 2, 3, 255, 255];

    /// <summary>Runs of one value, as masks have.</summary>
    private static readonly Gen<byte[]> s_masks =
        Gen.Select(Gen.Int[0, s_values.Length - 1].Select(at => s_values[at]), Gen.Int[1, 40]).Array[0, 12].Select(runs =>
            runs.SelectMany(run => Enumerable.Repeat(run.Item1, run.Item2)).ToArray());

    [Fact]
    public void Apply_KeepsUnlabelledPixels_AndFindsTheFirstValueThatIsNoClass() => Gen.Select(s_masks, Gen.Int[2, 4]).Sample((mask, classes) =>
    {
        var table = LabelTable.Of(Manifest(2, classes), null);
        var labels = mask.ToArray();
        Assert.Equal(mask.Where(value => value >= classes && value != 255).Select(value => (byte?)value).FirstOrDefault(), table.Apply(labels));
        Assert.Equal(mask, labels);
        Assert.Equal(
            new(mask.Count(value => value is not (0 or 255)), mask.Count(value => value != 255)),
            table.Count(mask));
    }, iter: 500);

    [Fact]
    public void Apply_ARuleOverClasses_LeavesUnlabelledPixelsOut() => s_masks.Sample(mask =>
    {
        var table = LabelTable.Of(Manifest(2, 4), MaskRule.TryParse("2-3"));
        Assert.Equal(new(mask.Count(value => value is 2 or 3), mask.Count(value => value != 255)), table.Count(mask));
        var labels = mask.ToArray();
        Assert.Null(table.Apply(labels));
        Assert.Equal(mask.Select(value => value switch { 255 => (byte)255, 2 or 3 => (byte)1, _ => (byte)0 }), labels);
    }, iter: 500);

    [Fact]
    public void Apply_InTheFirstFormat_KnowsNoUnlabelledPixel()
    {
        byte[] binary = [0, 1, 255];
        Assert.Null(LabelTable.Of(Manifest(1, null), null).Apply(binary));
        Assert.Equal<byte>([0, 1, 1], binary);
        Assert.Equal((byte)255, LabelTable.Of(Manifest(1, 3), null).Apply([0, 2, 255]));
        byte[] second = [0, 1, 255];
        Assert.Null(LabelTable.Of(Manifest(2, null), null).Apply(second));
        Assert.Equal<byte>([0, 1, 255], second);
        Assert.Equal((byte)2, LabelTable.Of(Manifest(2, null), null).Apply([255, 0, 2, 255]));
    }

    /// <summary>By the share of the labelled pixels; a crop without any only where there is no other.</summary>
    [Fact]
    public void Draw_WithLeastChange_ChoosesByTheShareOfLabelledPixels() => Gen.Select(
        Gen.Int[0, 1000], Gen.Double[0.05, 0.95], Gen.Int[10, 600], Gen.Int[0, 100_000]).Sample((seed, unlabelled, parts, position) =>
    {
        // No crop has exactly this share, which is one of 2 · 1009 parts: at the share itself rounding decides.
        var share = (parts + 0.5) / 1009;
        var mask = Mask(seed, unlabelled);
        var labels = LabelTable.Of(Manifest(2, null), null);
        var crops = Enumerable.Range(0, Augmenter.Tries).Select(
            attempt => GeometricAugmentation.Draw(7, 3, position, new AugmentConfig(), Crop, Side, Side, attempt)).ToList();
        var shares = crops.Select(crop =>
        {
            var pixels = Enumerable.Range(0, Crop * Crop).Select(at => mask.Pixels[(crop.Top + at / Crop) * Side + crop.Left + at % Crop]).ToList();
            var labelled = pixels.Count(value => value != 255);
            return labelled == 0 ? -1 : pixels.Count(value => value == 1) / (double)labelled;
        }).ToList();
        var enough = shares.FindIndex(found => found >= share);

        var drawn = new Augmenter(7, 3, new AugmentConfig(), Crop, share).Draw(position, Side, Side, crop => MaskCrop.Count(mask, crop, labels));

        Assert.Equal(crops[enough >= 0 ? enough : shares.IndexOf(shares.Max())], drawn);
    }, iter: 500);

    [Fact]
    public void Draw_WhereNothingIsLabelled_TakesTheFirstCrop()
    {
        var mask = Mask(1, unlabelled: 2);
        var labels = LabelTable.Of(Manifest(2, null), null);
        var drawn = new Augmenter(7, 3, new AugmentConfig(), Crop, 0.1).Draw(5, Side, Side, crop => MaskCrop.Count(mask, crop, labels));
        Assert.Equal(GeometricAugmentation.Draw(7, 3, 5, new AugmentConfig(), Crop, Side, Side), drawn);
    }

    [Fact]
    public void Statistics_AreThoseOfThePixelsThatAreThere() => Gen.Select(
        Gen.Enum<PixelType>(), Gen.Int[1, 4], Gen.Int[1, 200], Gen.Double[0, 1], Gen.Int[0, 9999]).Sample((type, channels, pixels, missing, seed) =>
    {
        var random = new Random(seed);
        var image = PixelCopierTests.Random(new ImageShape(pixels, 1, channels, type));
        var valid = Enumerable.Range(0, pixels).Select(_ => random.NextDouble() < missing ? (byte)0 : (byte)255).ToArray();
        var there = valid.SelectMany((value, at) => value == 0 ? [] : Enumerable.Range(at * channels, channels).Select(
            place => PixelCopierTests.Value(image, place))).ToList();
        var mean = there.DefaultIfEmpty(0).Average();
        var deviation = Math.Sqrt(there.DefaultIfEmpty(0).Average(value => (value - mean) * (value - mean)));

        var found = PixelStatistics.Of(image, valid);

        Assert.Equal(mean, found.Mean, 1e-9 * Math.Max(1, Math.Abs(mean)));
        Assert.Equal(there.Count == 0 ? 0 : deviation, found.Deviation, 1e-8 * Math.Max(1, deviation));
        if (there.Count == pixels * channels)
            Assert.Equal(PixelStatistics.Of(image), found);
    }, iter: 500);

    private static PixelImage Mask(int seed, double unlabelled)
    {
        var random = new Random(seed);
        var mask = new PixelImage(new ImageShape(Side, Side, 1, PixelType.UInt8), new byte[Side * Side]);
        // Blocks as large as a crop, so that some crops have no labelled pixel.
        for (var at = 0; at < mask.Pixels.Length; at++)
        {
            var block = new Random(seed + 100 * (at / Side / 20) + at % Side / 20).NextDouble();
            mask.Pixels[at] = block < unlabelled || random.NextDouble() < unlabelled / 2 ? (byte)255 : random.Next(3) == 0 ? (byte)1 : (byte)0;
        }
        return mask;
    }

    private static DatasetManifest Manifest(int version, int? classes) => new()
    {
        Version = version,
        Name = "test",
        Channels = 3,
        Splits = new Dictionary<string, SplitManifest>(),
        Statistics = new([0, 0, 0], [1, 1, 1]),
        Provenance = new("test", "test", "test"),
        Classes = classes is { } count ? [.. Enumerable.Range(0, count).Select(label => new ClassManifest($"class {label}", $"{label}"))] : null,
    };
}
