using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Codecs.Npy;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Worker.Tests.Data;

/// <summary>A small data set, really packed, in a folder of its own. Pixels are random but for a corner that holds the sample's number.</summary>
internal sealed class PackedDataset : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private PackedDataset() => Store = new FileObjectStore(_folder.Path);

    public FileObjectStore Store { get; }

    public string this[string name] => _folder[name];

    /// <param name="splits">Samples by split.</param>
    /// <param name="size">Rows and columns of sample i.</param>
    /// <param name="shardBytes">Target size of a shard: small, so that there are many.</param>
    /// <param name="changedSamples">Which samples have a change; null: all or none, as <paramref name="changed"/> says.</param>
    /// <param name="tellsChanges">Whether the manifest says which: older ones do not.</param>
    /// <param name="ranges">What the manifest says of the values of every channel, in format 2; null: format 1, which says nothing.</param>
    /// <param name="raw">Fields as .npy of 16 bits instead of PNG of 8.</param>
    /// <param name="factor">Of raw fields: they are so many times what the others are; null: they are random themselves.</param>
    public static async Task<PackedDataset> PackAsync(
        IReadOnlyDictionary<string, int> splits, Func<int, (int Height, int Width)>? size = null,
        int channels = 3, long shardBytes = 40_000, bool raw = false, bool changed = true,
        Func<int, bool>? changedSamples = null, bool tellsChanges = true, double mean = 127, BandRange? ranges = null, ushort? factor = null)
    {
        var dataset = new PackedDataset();
        var packed = new Dictionary<string, SplitManifest>();
        foreach (var (split, count) in splits)
        {
            var samples = Enumerable.Range(0, count).Select(
                i => Sample(split, i, size?.Invoke(i) ?? (32, 32), channels, raw, changedSamples?.Invoke(i) ?? changed,
                    change: ranges is null ? byte.MaxValue : (byte)1, factor)).ToAsyncEnumerable();
            var written = await new ShardWriter(dataset.Store, split) { TargetBytes = shardBytes }.WriteAsync(samples, CancellationToken.None);
            packed[split] = tellsChanges ? written : written with { Shards = [.. written.Shards.Select(shard => shard with { ChangedSamples = null })] };
        }
        var manifest = new DatasetManifest
        {
            Version = ranges is null ? DatasetManifest.FirstVersion : DatasetManifest.NewestVersion,
            PixelType = ranges is null ? null : raw ? "uint16" : "uint8",
            Ranges = ranges is null ? null : [.. Enumerable.Repeat(ranges, channels)],
            Name = "test",
            Channels = channels,
            Splits = packed,
            Statistics = new([.. Enumerable.Repeat(mean, channels)], [.. Enumerable.Repeat(70.0, channels)]),
            Provenance = new("test", "test", "test"),
        };
        await dataset.Store.PutAsync(
            new ObjectKey(DatasetManifest.FileName),
            (stream, token) => stream.WriteAsync(DatasetManifestFile.Format(manifest), token).AsTask(), CancellationToken.None);
        return dataset;
    }

    /// <summary>A split <c>train</c> of so many samples of 32x32, in shards of about 40 kB.</summary>
    public static Task<PackedDataset> PackAsync(int samples) => PackAsync(new Dictionary<string, int> { ["train"] = samples });

    public ExperimentConfig Config(
        int? crop = 16, int batch = 4, int decoders = 1, int batchesAhead = 2, int readAheadMb = 1, int? samplesPerEpoch = null, int channels = 3)
        => ConfigOf(Store.Root, crop, batch, decoders, batchesAhead, readAheadMb, samplesPerEpoch, channels);

    /// <summary>The same for a data set that lies elsewhere.</summary>
    public static ExperimentConfig ConfigOf(
        Uri dataset, int? crop = 16, int batch = 4, int decoders = 1, int batchesAhead = 2,
        int readAheadMb = 1, int? samplesPerEpoch = null, int channels = 3) => new()
    {
        Name = "test",
        Seed = 7,
        Dataset = new() { Uri = dataset, Train = new() { Crop = crop, SamplesPerEpoch = samplesPerEpoch, ShuffleShards = 3 }, Validate = null, Test = null },
        Augment = new() { SwapDates = true },
        Model = new() { Channels = channels },
        Train = new() { BatchSize = batch },
        Loader = new() { Decoders = decoders, BatchesAhead = batchesAhead, ReadAheadMb = readAheadMb, DecodedCache = DecodedCacheKind.Off },
    };

    public void Dispose() => _folder.Dispose();

    public static string Key(string split, int i) => $"{split}_{i:000}";

    private static ShardSample Sample(string split, int i, (int Height, int Width) size, int channels, bool raw, bool changed, byte change, ushort? factor)
    {
        var random = new Random(i);
        var shape = new ImageShape(size.Width, size.Height, channels, raw ? PixelType.UInt16 : PixelType.UInt8);
        var mask = Pixels(shape with { Channels = 1, Type = PixelType.UInt8 }, random);
        for (var at = 0; at < mask.Pixels.Length; at++)
            mask.Pixels[at] = changed && mask.Pixels[at] < 64 ? change : (byte)0;
        return new ShardSample
        {
            Key = Key(split, i),
            Fields = new Dictionary<string, ReadOnlyMemory<byte>>
            {
                [raw ? "before.npy" : "before.png"] = Encode(Pixels(shape, random, factor), raw),
                [raw ? "after.npy" : "after.png"] = Encode(Pixels(shape, random, factor), raw),
                ["mask.png"] = PngEncoder.Encode(mask),
            },
            Changed = mask.Pixels.Count(value => value != 0),
            Pixels = mask.Pixels.Length,
        };
    }

    private static byte[] Encode(PixelImage image, bool raw) => raw ? NpyEncoder.Encode(image) : PngEncoder.Encode(image);

    private static PixelImage Pixels(ImageShape shape, Random random, ushort? factor = null)
    {
        if (factor is { } times)
        {
            var small = Pixels(shape with { Type = PixelType.UInt8 }, random);
            return new PixelImage(shape, MemoryMarshal.AsBytes<ushort>(small.Pixels.Select(value => (ushort)(times * value)).ToArray()).ToArray());
        }
        var pixels = new byte[shape.Bytes];
        random.NextBytes(pixels);
        return new PixelImage(shape, pixels);
    }
}
