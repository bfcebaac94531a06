using System.Globalization;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Bench.Loader;

/// <summary>A data set of generated pairs for measuring streams and trainers: few different pairs under many keys, so that it is written quickly.</summary>
internal static partial class BenchDataset
{
    private const int DifferentPairs = 16;

    /// <param name="size">Side of the images in pixels.</param>
    public static Task PackAsync(string folder, int samples, long shardBytes, int size = 256)
    {
        var pairs = Enumerable.Range(0, DifferentPairs).Select(index => Encode(SceneSynthesizer.Generate(seed: 1, index, size)));
        return PackAsync(folder, samples, shardBytes, [.. pairs]);
    }

    /// <summary>Packs pairs of 256x256 with the grain of photographs, and writes the same images as files: <c>NUMBER.ROLE.png</c>.</summary>
    /// <returns>Mean bytes of an RGB image.</returns>
    public static async Task<double> PackWithFilesAsync(string folder, string files, int samples)
    {
        var pairs = Enumerable.Range(0, DifferentPairs).Select(index => Encode(Smoothed(SceneSynthesizer.Generate(seed: 1, index, 256)))).ToList();
        await PackAsync(folder, samples, 64 << 20, pairs);
        Directory.CreateDirectory(files);
        for (var sample = 0; sample < samples; sample++)
        {
            foreach (var (field, bytes) in pairs[sample % pairs.Count].Fields)
                await File.WriteAllBytesAsync(Path.Combine(files, string.Create(CultureInfo.InvariantCulture, $"{sample:000000}.{field}")), bytes);
        }
        return pairs.Average(pair => (pair.Fields["before.png"].Length + pair.Fields["after.png"].Length) / 2.0);
    }

    private static async Task PackAsync(string folder, int samples, long shardBytes, List<ShardSample> pairs)
    {
        var store = new FileObjectStore(folder);
        var source = Enumerable.Range(0, samples).Select(
            i => pairs[i % pairs.Count] with { Key = string.Create(CultureInfo.InvariantCulture, $"pair_{i:000000}") });
        var split = await new ShardWriter(store, "train") { TargetBytes = shardBytes }.WriteAsync(source.ToAsyncEnumerable(), CancellationToken.None);
        var manifest = new DatasetManifest
        {
            Name = "bench",
            Channels = 3,
            Splits = new Dictionary<string, SplitManifest> { ["train"] = split },
            Statistics = new([110, 110, 100], [50, 50, 50]),
            Provenance = new("generated", "bench", "bench"),
        };
        await WriteManifestAsync(folder, manifest);
    }

    public static ExperimentConfig Config(string folder, int samplesPerEpoch, LoaderConfig loader) =>
        Config(new FileObjectStore(folder).Root, samplesPerEpoch, loader);

    public static ExperimentConfig Config(Uri root, int samplesPerEpoch, LoaderConfig loader) => new()
    {
        Name = "bench",
        Seed = 1,
        Dataset = new() { Uri = root, Train = new() { SamplesPerEpoch = samplesPerEpoch }, Validate = null, Test = null },
        Loader = loader,
    };

    /// <summary>
    /// A data set of so many bytes whose shards are hard links to those of another, and its sidecars too: as large as one likes, for the disk space of
    /// the other.
    /// </summary>
    public static async Task LinkAsync(string source, string folder, long bytes)
    {
        var manifest = (await ShardDataset.OpenAsync(new FileObjectStore(source), CancellationToken.None)).Manifest;
        var shards = manifest.Splits["train"].Shards;
        Directory.CreateDirectory(folder);
        var linked = new List<ShardManifest>();
        for (var total = 0L; total < bytes; total += linked[^1].Bytes)
        {
            var shard = shards[linked.Count % shards.Count];
            var name = ShardNames.Shard("train", linked.Count);
            foreach (var part in new Func<string, string>[] { tar => tar, ShardNames.Index, ShardNames.Sums })
                Link(Path.Combine(source, part(shard.Name)), Path.Combine(folder, part(name)));
            linked.Add(shard with { Name = name });
        }
        var split = manifest.Splits["train"] with { Shards = linked, Samples = linked.Sum(shard => shard.Samples), Bytes = linked.Sum(shard => shard.Bytes) };
        await WriteManifestAsync(folder, manifest with { Splits = new Dictionary<string, SplitManifest> { ["train"] = split } });
    }

    public static async Task WriteManifestAsync(string folder, DatasetManifest manifest)
    {
        var bytes = DatasetManifestFile.Format(manifest);
        await new FileObjectStore(folder).PutAsync(
            new ObjectKey(DatasetManifest.FileName), (stream, token) => stream.WriteAsync(bytes, token).AsTask(), CancellationToken.None);
    }

    private static void Link(string from, string to)
    {
        if (HardLink(from, to) != 0)
            throw new IOException($"Cannot link '{from}' as '{to}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string from, string to);

    /// <summary>The mean of each 2x2 pixels: it halves the grain, which brings a PNG from 133 kB to the 110 kB that photographs of 256x256 have.</summary>
    private static PixelImage Smoothed(PixelImage image)
    {
        var (width, height, channels) = (image.Shape.Width, image.Shape.Height, image.Shape.Channels);
        var smooth = new byte[image.Pixels.Length];
        for (var at = 0; at < smooth.Length; at++)
        {
            var right = at / channels % width < width - 1 ? channels : 0;
            var below = at / (channels * width) < height - 1 ? channels * width : 0;
            smooth[at] = (byte)((image.Pixels[at] + image.Pixels[at + right] + image.Pixels[at + below] + image.Pixels[at + right + below] + 2) / 4);
        }
        return image with { Pixels = smooth };
    }

    private static SyntheticPair Smoothed(SyntheticPair pair) => pair with { Before = Smoothed(pair.Before), After = Smoothed(pair.After) };

    private static ShardSample Encode(SyntheticPair pair) => new()
    {
        Key = "",
        Fields = new Dictionary<string, ReadOnlyMemory<byte>>
        {
            ["before.png"] = PngEncoder.Encode(pair.Before),
            ["after.png"] = PngEncoder.Encode(pair.After),
            ["mask.png"] = PngEncoder.Encode(pair.Mask),
        },
        Changed = pair.Mask.Bytes.ToArray().Count(value => value != 0),
        Pixels = pair.Mask.Shape.Height * pair.Mask.Shape.Width,
    };
}
