using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Worker.Tests.Data;

/// <summary>A small data set of classes, packed from images: no change, and rectangles of one grey for each other class.</summary>
internal sealed class ClassDataset : IDisposable
{
    public const int Side = 32;
    private readonly TemporaryFolder _folder = new();

    private ClassDataset()
    {
    }

    public Uri Uri => new(_folder["packed"]);

    /// <param name="names">Of the classes, no change first.</param>
    public static async Task<ClassDataset> PackAsync(params string[] names)
    {
        var dataset = new ClassDataset();
        foreach (var (split, count) in new[] { ("train", 6), ("val", 2), ("test", 2) })
        {
            for (var i = 0; i < count; i++)
                dataset.AddPair(split, i, names.Length);
        }
        // In the source the classes are 0, 50, 100 and so on.
        var classes = MaskOptions.Parse(null, [.. names.Select((name, label) => ClassRule.Parse($"{name}={50 * label}"))], null, null);
        await new DatasetPacker(DatasetLayouts.Find("sysu"), new() { Tool = "tests", Masks = classes })
            .PackAsync(dataset._folder["source"], new FileObjectStore(dataset._folder["packed"]), null, CancellationToken.None);
        return dataset;
    }

    public ExperimentConfig Config(int classes = 3, MaskRule? change = null) => new()
    {
        Name = "classes",
        Seed = 7,
        Dataset = new() { Uri = Uri, Mask = new() { Change = change } },
        Model = new() { Classes = classes },
        Train = new() { BatchSize = 2, Epochs = 1 },
        Evaluate = new() { Pictures = 2 },
        Resources = new() { Threads = 1 },
        Loader = new() { DecodedCache = DecodedCacheKind.Off },
    };

    public void Dispose() => _folder.Dispose();

    private void AddPair(string split, int number, int classes)
    {
        var random = new Random(number);
        var shape = new ImageShape(Side, Side, 3, PixelType.UInt8);
        var (before, after, mask) = (new byte[shape.Bytes], new byte[shape.Bytes], new byte[Side * Side]);
        random.NextBytes(before);
        before.CopyTo(after, 0);
        for (var label = classes - 1; label > 0; label--)
        {
            var (top, left) = (random.Next(Side - 12), random.Next(Side - 12));
            for (var at = 0; at < 10 * 12; at++)
            {
                var pixel = (top + at / 12) * Side + left + at % 12;
                mask[pixel] = (byte)(50 * label);
                after.AsSpan(pixel * 3, 3).Fill((byte)(255 / label));
            }
        }
        Write($"{split}/time1/{number}.png", new PixelImage(shape, before));
        Write($"{split}/time2/{number}.png", new PixelImage(shape, after));
        Write($"{split}/label/{number}.png", new PixelImage(shape with { Channels = 1 }, mask));
    }

    private void Write(string path, PixelImage image)
    {
        var file = Path.Combine(_folder["source"], path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, PngEncoder.Encode(image));
    }
}
