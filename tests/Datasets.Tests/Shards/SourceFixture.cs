using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.TestKit;

namespace ChangeDetection.Datasets.Tests.Shards;

/// <summary>A source folder and a destination beside it.</summary>
internal sealed class SourceFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Source => _folder["source"];

    public string Destination => _folder["packed"];

    public FileObjectStore Store => new(Destination);

    public string this[string path] => Path.Combine(Source, path);

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes a file below the source.</summary>
    public void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllBytes(this[path], bytes);
    }

    public void Write(string path, PixelImage image) => Write(path, PngEncoder.Encode(image));

    /// <summary>Writes a sound pair of the layout <c>sysu</c>: half of the mask's pixels have changed.</summary>
    public SourceFixture AddSysu(string split, string name, PixelImage? mask = null)
    {
        var seed = name.Sum(letter => letter);
        Write($"{split}/time1/{name}.png", PatternImages.Rgb(seed: seed));
        Write($"{split}/time2/{name}.png", PatternImages.Rgb(seed: seed + 128));
        Write($"{split}/label/{name}.png", mask ?? PatternImages.Grey(16, 16, 0, 255));
        return this;
    }

    public Task<PackReport> PackAsync(
        string layout = "sysu", PackEncoding encoding = PackEncoding.Png, IProgress<PackProgress>? progress = null,
        CancellationToken cancellationToken = default, params string[] splits) =>
        new DatasetPacker(DatasetLayouts.Find(layout), new() { Tool = "tests", Encoding = encoding, Splits = [.. splits.Select(SplitRule.Parse)] })
            .PackAsync(Source, Store, progress, cancellationToken);

    public Task<PackReport> PackAsync(PackOptions options, string layout = "sysu") =>
        new DatasetPacker(DatasetLayouts.Find(layout), options).PackAsync(Source, Store, null, CancellationToken.None);

    /// <summary>Packs what cannot be packed; checks that nothing was left behind, and returns the message.</summary>
    public async Task<string> RefusedAsync<TError>(string layout = "sysu", PackEncoding encoding = PackEncoding.Png, params string[] splits)
        where TError : Exception
    {
        var error = await Assert.ThrowsAsync<TError>(() => PackAsync(layout, encoding, splits: splits));
        AssertNothingWritten();
        return error.Message;
    }

    public void AssertNothingWritten() =>
        Assert.Empty(Directory.Exists(Destination) ? Directory.EnumerateFiles(Destination, "*", SearchOption.AllDirectories) : []);

    /// <summary>The decoded masks of a split of the packed data set, by key.</summary>
    public async Task<Dictionary<string, PixelImage>> MasksAsync(string split) => await ImagesAsync(split, SampleFields.Mask);

    public async Task<Dictionary<string, PixelImage>> ImagesAsync(string split, string role)
    {
        var dataset = await ShardDataset.OpenAsync(Store, CancellationToken.None);
        var masks = new Dictionary<string, PixelImage>();
        foreach (var shard in dataset.Manifest.Splits[split].Shards)
        {
            var index = await dataset.ReadIndexAsync(shard, CancellationToken.None);
            for (var sample = 0; sample < index.Count; sample++)
                masks[index.Key(sample)] = ImageCodec.Decode(
                    await dataset.ReadFieldAsync(index, sample, index.Find(sample, role)!.Value, CancellationToken.None), role);
        }
        return masks;
    }
}
