using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Pixels;
using CsCheck;

namespace ChangeDetection.Worker.Tests.Data.Pixels;

/// <summary>The fused copy against the same thing done in plain steps.</summary>
public sealed class PixelCopierTests
{
    private sealed record Case(PixelType Type, int Channels, int Height, int Width, GeometricAugmentation Augmentation, Normalization Kind);

    private static readonly Gen<Case> s_cases =
        from type in Gen.Enum<PixelType>()
        from channels in Gen.Int[1, 5]
        from height in Gen.Int[1, 40]
        from width in Gen.Int[1, 40]
        from square in Gen.Bool
        from h in Gen.Int[1, square ? Math.Min(height, width) : height]
        from w in Gen.Int[1, width]
        let rows = h
        let columns = square ? h : w
        from top in Gen.Int[0, height - rows]
        from left in Gen.Int[0, width - columns]
        from flip in Gen.Bool
        from turns in Gen.Int[0, 3]
        from kind in Gen.Enum<NormalizationKind>()
        let augmentation = new GeometricAugmentation(top, left, rows, columns, flip, rows == columns ? turns : turns & 2)
        select new Case(type, channels, height, width, augmentation, Normalizations.Of(kind, channels));

    [Fact]
    public void CopyImage_AnyAugmentation_EqualsCropThenFlipThenTurnThenNormalise() => s_cases.Sample(one =>
    {
        var (type, channels, height, width, augmentation, kind) = one;
        var image = Random(new ImageShape(width, height, channels, type));
        var numbers = Enumerable.Range(1, channels);
        var statistics = new NormalizationStatistics([.. numbers.Select(c => 10.5 * c)], [.. numbers.Select(c => 3.25 * c)]);
        var target = new float[augmentation.Height * augmentation.Width * channels];
        new PixelCopier().CopyImage(image, augmentation, new Normalizer(kind, statistics), target);

        var (mean, deviation) = Statistics(image);
        var expected = new List<float>();
        foreach (var (y, x) in Sources(augmentation))
        {
            for (var channel = 0; channel < channels; channel++)
            {
                var value = Value(image, (y * width + x) * channels + channel);
                var unit = value / (type switch { PixelType.UInt8 => 255.0, PixelType.UInt16 => 65535.0, _ => 1.0 });
                expected.Add((float)(kind switch
                {
                    { Kind: NormalizationKind.Dataset } => (value - statistics.Mean[channel]) / statistics.Deviation[channel],
                    { Kind: NormalizationKind.Image } => (value - mean) / (deviation > 0 ? deviation : 1),
                    { Figures: { } figures } => (unit - figures.Mean[channel]) / figures.Deviation[channel],
                    _ => unit,
                }));
            }
        }
        Assert.Equal(expected.Count, target.Length);
        for (var at = 0; at < target.Length; at++)
            Assert.Equal(expected[at], target[at], 2e-4f * Math.Max(1, Math.Abs(expected[at])));
    }, iter: 500, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void CopyImage_CropOverTheEdge_RepeatsTheBorder() => Gen.Select(s_cases, Gen.Int[-50, 50], Gen.Int[-50, 50]).Sample((one, down, right) =>
    {
        var image = Random(new ImageShape(one.Width, one.Height, one.Channels, one.Type));
        var statistics = new NormalizationStatistics([.. Enumerable.Repeat(10.5, one.Channels)], [.. Enumerable.Repeat(3.25, one.Channels)]);
        var (normalizer, crop) = (new Normalizer(one.Kind, statistics), (one.Augmentation with { ShiftDown = down, ShiftRight = right }).OfSecondDate());
        var (target, plain) = (new float[crop.Height * crop.Width * one.Channels], new float[one.Height * one.Width * one.Channels]);
        var copier = new PixelCopier();
        copier.CopyImage(image, GeometricAugmentation.None(one.Height, one.Width), normalizer, plain);

        copier.CopyImage(image, crop, normalizer, target);

        Assert.Equal(
            Sources(crop).SelectMany(source => Enumerable.Range(0, one.Channels).Select(channel =>
                plain[(Math.Clamp(source.Row, 0, one.Height - 1) * one.Width + Math.Clamp(source.Column, 0, one.Width - 1)) * one.Channels + channel])),
            target);
    }, iter: 300, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void CopyMask_AnyAugmentation_FollowsTheImageAndKnowsOnlyZeroAndOne() => s_cases.Sample(one =>
    {
        var mask = Random(new ImageShape(one.Width, one.Height, 1, PixelType.UInt8));
        for (var at = 0; at < mask.Pixels.Length; at++)
            mask.Pixels[at] = (byte)(mask.Pixels[at] % 3 * 100);
        var target = new byte[one.Augmentation.Height * one.Augmentation.Width];
        Assert.Null(PixelCopier.CopyMask(mask, one.Augmentation, LabelTable.Binary, target));
        Assert.Equal(Sources(one.Augmentation).Select(source => mask.Pixels[source.Row * one.Width + source.Column] != 0 ? (byte)1 : (byte)0), target);
    }, iter: 300, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void CopyImage_RowAtAnyVectorAlignment_HasTheBitsOfTheScalarFormula()
    {
        var statistics = new NormalizationStatistics([101.3, 87.1, 66.6], [33.1, 31.7, 29.9]);
        for (var width = 1; width < 70; width++)
        {
            var image = Random(new ImageShape(width, 1, 3, PixelType.UInt8));
            var target = new float[width * 3];
            new PixelCopier().CopyImage(image, GeometricAugmentation.None(1, width), new Normalizer(Normalization.Dataset, statistics), target);
            for (var at = 0; at < target.Length; at++)
                Assert.Equal((image.Pixels[at] - (float)statistics.Mean[at % 3]) * (float)(1 / statistics.Deviation[at % 3]), target[at]);
        }
    }

    [Fact]
    public void CopyImage_OneValueAllOver_IsZeroAndNotNaN()
    {
        var image = new PixelImage(new ImageShape(4, 4, 1, PixelType.UInt8), Enumerable.Repeat((byte)9, 16).ToArray());
        var target = new float[16];
        new PixelCopier().CopyImage(image, GeometricAugmentation.None(4, 4), new Normalizer(Normalization.Image, new([0], [1])), target);
        Assert.All(target, value => Assert.Equal(0f, value));
    }

    /// <summary>Source row and column of every output pixel, by moving whole grids.</summary>
    internal static IEnumerable<(int Row, int Column)> Sources(GeometricAugmentation augmentation)
    {
        var grid = new (int, int)[augmentation.Height, augmentation.Width];
        for (var y = 0; y < augmentation.Height; y++)
        {
            for (var x = 0; x < augmentation.Width; x++)
                grid[y, augmentation.Flip ? augmentation.Width - 1 - x : x] = (augmentation.Top + y, augmentation.Left + x);
        }
        for (var turn = 0; turn < augmentation.QuarterTurns; turn++)
            grid = Turned(grid);
        return grid.Cast<(int, int)>();
    }

    /// <summary>By 90 degrees counter-clockwise.</summary>
    private static (int, int)[,] Turned((int, int)[,] grid)
    {
        var (height, width) = (grid.GetLength(0), grid.GetLength(1));
        var turned = new (int, int)[width, height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                turned[width - 1 - x, y] = grid[y, x];
        }
        return turned;
    }

    internal static PixelImage Random(ImageShape shape)
    {
        var random = new Random(shape.Width * 1000 + shape.Height);
        var pixels = new byte[shape.Bytes];
        random.NextBytes(pixels);
        if (shape.Type == PixelType.Float32)
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(pixels.AsSpan()))
                value = random.NextSingle() * 100 - 20;
        }
        return new PixelImage(shape, pixels);
    }

    internal static double Value(PixelImage image, int at) => image.Shape.Type switch
    {
        PixelType.UInt8 => image.Pixels[at],
        PixelType.UInt16 => MemoryMarshal.Cast<byte, ushort>(image.Bytes)[at],
        _ => MemoryMarshal.Cast<byte, float>(image.Bytes)[at],
    };

    private static (double Mean, double Deviation) Statistics(PixelImage image)
    {
        var values = Enumerable.Range(0, image.Shape.Width * image.Shape.Height * image.Shape.Channels).Select(at => Value(image, at)).ToList();
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }
}
