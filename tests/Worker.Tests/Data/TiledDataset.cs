using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Worker.Tests.Data;

/// <summary>Two scenes in each of the splits train, val and test, packed as tiles of 16 pixels. A tenth of the pixels is unlabelled.</summary>
internal sealed class TiledDataset : IDisposable
{
    public const int Size = 16;
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, byte[]> _masks = new(StringComparer.Ordinal);
    private readonly int _width;
    private readonly int _height;

    private TiledDataset(int width, int height) => (_width, _height) = (width, height);

    public string Path => _folder["packed"];

    public FileObjectStore Store => new(Path);

    /// <summary>Packs scenes; of tiles that overlap unless the sides are multiples of <see cref="Size"/> and it is the stride.</summary>
    /// <param name="first">Whether it is said to be of format 1, in which an unlabelled pixel is a changed one.</param>
    public static async Task<TiledDataset> PackAsync(int stride, int width = 41, int height = 37, bool first = false)
    {
        var dataset = new TiledDataset(width, height);
        foreach (var split in new[] { "train", "val", "test" })
        {
            for (var scene = 0; scene < 2; scene++)
                dataset.AddScene(split, scene);
        }
        var options = new PackOptions
        {
            Tool = "tests",
            Tiling = Tiling.Create(Size, stride),
            Masks = MaskOptions.Parse("255", [], "128", null),
            ShardBytes = 60_000,
        };
        var report = await new DatasetPacker(DatasetLayouts.Find("sysu"), options)
            .PackAsync(dataset._folder["source"], dataset.Store, null, CancellationToken.None);
        if (first)
            await dataset.ToFirstFormatAsync(report.Manifest);
        return dataset;
    }

    public ExperimentConfig Config(int batch = 3, DecodedCacheKind cache = DecodedCacheKind.Off) => new()
    {
        Name = "tiles",
        Seed = 7,
        Dataset = new()
        {
            Uri = new Uri(Path),
            Train = new() { Crop = 16, ShuffleShards = 2 },
            Validate = new() { Split = "val" },
            Test = new() { Split = "test" },
        },
        Model = new() { Name = "fc-ef", Dropout = 0 },
        Train = new() { BatchSize = batch, Epochs = 3 },
        Evaluate = new() { Pictures = 2 },
        Resources = new() { Threads = 1 },
        Loader = new() { Decoders = 3, DecodedCache = cache, ReadAheadMb = 1 },
    };

    /// <summary>The labels of a tile by itself: 0, 1, and 255 where a pixel is unlabelled.</summary>
    public byte[] MaskOf(string split, string key) => [.. Pixels(key).Select(at => _masks[$"{split}/{key.Split('_')[0]}"][at])];

    /// <summary>Which pixels of its scene a tile has, row by row.</summary>
    public IEnumerable<int> Pixels(string key)
    {
        var numbers = key.Split('_').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return from y in Enumerable.Range(numbers[2], numbers[4]) from x in Enumerable.Range(numbers[1], numbers[3]) select y * _width + x;
    }

    /// <summary>Pixels of a split's scenes that have one of the labels.</summary>
    public long Count(string split, Func<byte, bool> label) =>
        _masks.Where(mask => mask.Key.StartsWith(split, StringComparison.Ordinal)).Sum(mask => mask.Value.Count(label));

    public void Dispose() => _folder.Dispose();

    private void AddScene(string split, int scene)
    {
        var random = new Random(scene + split.Length * 10);
        var shape = new ImageShape(_width, _height, 3, PixelType.UInt8);
        var (before, after, mask) = (new byte[shape.Bytes], new byte[shape.Bytes], new byte[_width * _height]);
        random.NextBytes(before);
        random.NextBytes(after);
        for (var at = 0; at < mask.Length; at++)
            mask[at] = random.Next(10) switch { 0 => 128, < 5 => 255, _ => 0 };
        _masks[$"{split}/{scene}"] = [.. mask.Select(value => value switch { 128 => MaskReader.Ignored, 255 => (byte)1, _ => (byte)0 })];
        Write($"{split}/time1/{scene}.png", new PixelImage(shape, before));
        Write($"{split}/time2/{scene}.png", new PixelImage(shape, after));
        Write($"{split}/label/{scene}.png", new PixelImage(shape with { Channels = 1 }, mask));
    }

    private async Task ToFirstFormatAsync(DatasetManifest manifest)
    {
        var older = manifest with
        {
            Version = DatasetManifest.FirstVersion,
            Mask = null,
            PixelType = null,
            Ranges = null,
            Splits = manifest.Splits.ToDictionary(split => split.Key, split => split.Value with { IgnoredPixels = null, InvalidPixels = null }),
        };
        await File.WriteAllBytesAsync(System.IO.Path.Combine(Path, DatasetManifest.FileName), DatasetManifestFile.Format(older));
        foreach (var mask in _masks.Values)
            mask.AsSpan().Replace(MaskReader.Ignored, (byte)1);
    }

    private void Write(string path, PixelImage image)
    {
        var file = System.IO.Path.Combine(_folder["source"], path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, PngEncoder.Encode(image));
    }
}
