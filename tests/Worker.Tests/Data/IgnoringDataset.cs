using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Worker.Tests.Data;

/// <summary>
/// A small data set of the second format: masks with unlabelled pixels, and samples of which a part is missing. Every third sample lacks nothing; of the
/// last one of a split no pixel has a label. What stands at missing pixels is noise, or NaN in floats.
/// </summary>
internal sealed class IgnoringDataset : IDisposable
{
    public const int Side = 40;
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, List<Pair>> _pairs = [];

    private IgnoringDataset()
    {
    }

    /// <summary>A sample as it was before it was encoded; <see cref="Valid"/> is null where nothing is missing.</summary>
    public sealed record Pair(string Key, PixelImage Before, PixelImage After, byte[] Mask, byte[]? Valid)
    {
        public bool IsThere(int pixel) => Valid is null || Valid[pixel] != 0;
    }

    public Uri Uri => new(_folder.Path);

    public IReadOnlyList<Pair> this[string split] => _pairs[split];

    /// <param name="floats">Values as .npy of float32 instead of PNG of 8 bits.</param>
    /// <param name="fields">Whether samples have the field that says which pixels are there; false makes the twin that knows nothing of it.</param>
    /// <param name="garbage">Seeds what stands at missing pixels.</param>
    /// <param name="spoil">Makes something else of the field.</param>
    public static async Task<IgnoringDataset> WriteAsync(
        IReadOnlyDictionary<string, int> splits, bool floats = false, bool fields = true, int garbage = 1,
        Func<PixelImage, PixelImage>? spoil = null)
    {
        var dataset = new IgnoringDataset();
        var store = new FileObjectStore(dataset._folder.Path);
        var packed = new Dictionary<string, SplitManifest>();
        foreach (var (split, count) in splits)
        {
            var pairs = dataset._pairs[split] = [.. Enumerable.Range(0, count).Select(i => Draw($"{split}_{i:000}", i, i == count - 1, floats, garbage))];
            var samples = pairs.Select(pair => Sample(pair, floats, fields, spoil)).ToAsyncEnumerable();
            var written = await new ShardWriter(store, split) { TargetBytes = 60_000 }.WriteAsync(samples, CancellationToken.None);
            packed[split] = written with
            {
                IgnoredPixels = pairs.Sum(pair => pair.Mask.Count(value => value == MaskReader.Ignored)),
                InvalidPixels = pairs.Sum(pair => pair.Valid?.Count(value => value == 0) ?? 0),
            };
        }
        var manifest = new DatasetManifest
        {
            Version = 2,
            Name = "ignoring",
            Channels = 3,
            Splits = packed,
            Statistics = new([100.5, 110.25, 120.125], [60.5, 70.25, 80.125]),
            Provenance = new("test", "test", "test"),
            PixelType = floats ? "float32" : "uint8",
            Mask = new() { RuleFrom = "option", Unit = "number", Change = "1", Ignore = "255", Values = [new("0", 1), new("1", 1), new("255", 1)] },
        };
        await store.PutAsync(
            new ObjectKey(DatasetManifest.FileName),
            (stream, token) => stream.WriteAsync(DatasetManifestFile.Format(manifest), token).AsTask(), CancellationToken.None);
        return dataset;
    }

    public ExperimentConfig Config(int? crop = 24) => new()
    {
        Name = "ignoring",
        Seed = 7,
        Dataset = new() { Uri = Uri, Train = new() { Crop = crop, ShuffleShards = 2 }, Validate = null, Test = null },
        Train = new() { BatchSize = 3 },
        Resources = new() { Threads = 1 },
        Loader = new() { Decoders = 2, DecodedCache = DecodedCacheKind.Off, ReadAheadMb = 1 },
    };

    public void Dispose() => _folder.Dispose();

    private static Pair Draw(string key, int number, bool unlabelled, bool floats, int garbage)
    {
        var random = new Random(number);
        var shape = new ImageShape(Side, Side, 3, floats ? PixelType.Float32 : PixelType.UInt8);
        var (before, after) = (Noise(shape, random), Noise(shape, random));
        var mask = new byte[Side * Side];
        var (top, left) = (random.Next(4, 20), random.Next(4, 20));
        for (var at = 0; at < mask.Length; at++)
        {
            var (y, x) = (at / Side, at % Side);
            mask[at] = y >= top && y < top + 12 && x >= left && x < left + 12 ? (byte)1 : (byte)0;
            if (mask[at] == 1 && !floats)
                after.Pixels.AsSpan(3 * at, 3).Fill(255);
            if (unlabelled || random.Next(9) == 0 || x < 3)
                mask[at] = MaskReader.Ignored;
        }
        if (number % 3 == 0)
            return new(key, before, after, mask, null);
        var valid = Enumerable.Repeat((byte)255, Side * Side).ToArray();
        var (missing, edge) = (new Random(garbage * 1000 + number), 20 + number % 7);
        for (var at = 0; at < mask.Length; at++)
        {
            if (at / Side + at % Side >= edge && at % 131 != 0 && at % Side < Side - 3)
                continue;
            (valid[at], mask[at]) = (0, MaskReader.Ignored);
            foreach (var image in new[] { before, after })
            {
                if (floats)
                    MemoryMarshal.Cast<byte, float>(image.Pixels.AsSpan()).Slice(3 * at, 3).Fill(float.NaN);
                else
                    missing.NextBytes(image.Pixels.AsSpan(3 * at, 3));
            }
        }
        return new(key, before, after, mask, valid);
    }

    private static PixelImage Noise(ImageShape shape, Random random)
    {
        var pixels = new byte[shape.Bytes];
        random.NextBytes(pixels);
        if (shape.Type == PixelType.Float32)
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(pixels.AsSpan()))
                value = random.NextSingle() * 200 - 20;
        }
        return new(shape, pixels);
    }

    private static ShardSample Sample(Pair pair, bool floats, bool fields, Func<PixelImage, PixelImage>? spoil)
    {
        var plane = new ImageShape(Side, Side, 1, PixelType.UInt8);
        byte[] Encode(PixelImage image) => floats ? NpyEncoder.Encode(image) : PngEncoder.Encode(image);
        var extension = floats ? "npy" : "png";
        var files = new Dictionary<string, ReadOnlyMemory<byte>>
        {
            [$"before.{extension}"] = Encode(pair.Before),
            [$"after.{extension}"] = Encode(pair.After),
            [$"mask.{extension}"] = Encode(new(plane, pair.Mask)),
        };
        if (pair.Valid is { } valid)
        {
            var image = new PixelImage(plane, valid);
            // Under another name it means nothing, and takes the same room.
            files[$"{(fields ? SampleFields.Valid : "extra")}.{extension}"] = Encode(spoil is null ? image : spoil(image));
        }
        return new()
        {
            Key = pair.Key,
            Fields = files,
            Changed = pair.Mask.Count(value => value == 1),
            Pixels = pair.Mask.Count(value => value != MaskReader.Ignored),
        };
    }
}
