using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;
using ChangeDetection.Worker.Devices;

namespace ChangeDetection.Worker.Prediction.Batches;

/// <summary>
/// The samples of a split, in the manifest's order, each called by its key. The bytes of the next few are read while one is predicted; every field is held
/// against the index, and that against the manifest, whose hash the run was queued with.
/// </summary>
internal sealed class SamplePairs : IBatchPairs
{
    /// <summary>Enough to hide the latency of a store on the network.</summary>
    private const int ReadAhead = 4;

    private readonly ShardDataset _dataset;
    private readonly string _split;
    private readonly IReadOnlyList<ShardManifest> _shards;
    private (ShardManifest Shard, Task<ShardIndex> Index)? _index;

    private SamplePairs(ShardDataset dataset, string split)
    {
        (_dataset, _split) = (dataset, split);
        var found = DatasetCompatibility.FindSplit(dataset, split, "split");
        (_shards, Count) = (found.Shards, found.Samples);
    }

    public int Count { get; }

    /// <exception cref="DatasetMismatchException">It is another data set than the run was queued with, or has no such split.</exception>
    public static SamplePairs Open(DatasetSplitInput input, CancellationToken cancellationToken)
    {
        var dataset = ShardDataset.OpenAsync(ObjectStores.Open(input.Uri), cancellationToken).Block();
        if (dataset.ManifestSha256 != input.ManifestSha256)
            throw new DatasetMismatchException(
                $"The data set at {input.Uri} is another one than the run was queued with: its {DatasetManifest.FileName} has the SHA-256 " +
                    $"{dataset.ManifestSha256}, then {input.ManifestSha256}. Queue the prediction again.");
        return new(dataset, input.Split);
    }

    /// <exception cref="ShardCorruptException">A sample lacks an image, or its bytes are not those that were packed.</exception>
    public IEnumerable<BatchPair> Read(IEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        var ahead = new Queue<Task<Sample>>();
        try
        {
            foreach (var number in numbers)
            {
                ahead.Enqueue(BeginAsync(number, cancellationToken));
                if (ahead.Count > ReadAhead)
                    yield return Decode(ahead.Dequeue().Block());
            }
            while (ahead.Count > 0)
                yield return Decode(ahead.Dequeue().Block());
        }
        finally
        {
            // Whoever stops asking leaves reads behind, whose ends nobody waits for.
            foreach (var task in ahead)
                _ = task.ContinueWith(static read => _ = read.Exception, TaskScheduler.Default);
        }
    }

    /// <summary>Asked in ascending order: the index of one shard at a time is kept.</summary>
    private Task<Sample> BeginAsync(int number, CancellationToken cancellationToken)
    {
        var (shard, first) = (0, 0);
        for (; first + _shards[shard].Samples <= number; shard++)
            first += _shards[shard].Samples;
        if (_index?.Shard != _shards[shard])
            _index = (_shards[shard], _dataset.ReadIndexAsync(_shards[shard], cancellationToken));
        var index = _index.Value.Index;
        return Task.Run(() => ReadAsync(number, index, number - first, cancellationToken), cancellationToken);
    }

    private async Task<Sample> ReadAsync(int number, Task<ShardIndex> index, int sample, CancellationToken cancellationToken)
    {
        var shard = await index;
        var (before, after) = (Find(shard, sample, SampleFields.Before), Find(shard, sample, SampleFields.After));
        var valid = _dataset.Manifest.Version > DatasetManifest.FirstVersion ? shard.Find(sample, SampleFields.Valid) : null;
        var read = await Task.WhenAll(
            new[] { before, after, valid }.OfType<ShardField>().Select(field => _dataset.ReadFieldAsync(shard, sample, field, cancellationToken)));
        return new(number, shard.Key(sample), $"{shard.Shard}: {shard.Key(sample)}", before, after, read);
    }

    private BatchPair Decode(Sample sample)
    {
        var valid = sample.Bytes.Length > 2 ? ImageCodec.Decode(sample.Bytes[2], $"{sample.Place}.{SampleFields.Valid}") : null;
        var before = Raster(sample, sample.Before, sample.Bytes[0], valid);
        var after = Raster(sample, sample.After, sample.Bytes[1], valid);
        return new BatchPair(sample.Number, sample.Key, () => before, () => after);
    }

    private static MemoryRaster Raster(Sample sample, ShardField field, byte[] bytes, PixelImage? valid)
    {
        var name = $"{sample.Place}.{field.Name}";
        var image = ImageCodec.Decode(bytes, name);
        var plane = image.Shape with { Channels = 1, Type = PixelType.UInt8 };
        return valid is null || valid.Shape == plane ? new MemoryRaster(name, image, valid) : throw new ShardCorruptException(
            name, $"is {image.Shape}, and its field '{SampleFields.Valid}' {valid.Shape}", "Pack the data set again.");
    }

    private ShardField Find(ShardIndex index, int sample, string role) => index.Find(sample, role) ?? throw new ShardCorruptException(
        index.Shard, $"holds a sample '{index.Key(sample)}' of the split '{_split}' without a field for '{role}'", "Pack or index the data set again.");

    /// <param name="Bytes">Of before, after and, where pixels are missing, what is valid.</param>
    private sealed record Sample(int Number, string Key, string Place, ShardField Before, ShardField After, byte[][] Bytes);
}
