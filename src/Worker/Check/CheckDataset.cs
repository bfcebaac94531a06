using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.Imaging.Codecs;


namespace ChangeDetection.Worker.Check;

/// <summary>A small data set of generated pairs, and configs that train on it: the same bytes on every machine.</summary>
/// <param name="side">Of the images, in pixels.</param>
internal sealed class CheckDataset(string folder, int side)
{
    private const int BatchSize = 4;
    private const int StepsPerEpoch = 4;
    private const int ValidationSamples = 4;
    private const long Seed = 7;

    private readonly FileObjectStore _store = new(folder);
    private Task? _written;

    /// <summary>Writes it at the first call.</summary>
    public Task WriteAsync(CancellationToken cancellationToken) => _written ??= PackAsync(cancellationToken);

    /// <param name="steps">Of each epoch.</param>
    public ExperimentConfig Config(string model, int epochs, int threads, int steps = StepsPerEpoch) => new()
    {
        Name = "check",
        Seed = Seed,
        Dataset = new() { Uri = _store.Root, Train = new() { Crop = side * 3 / 4, SamplesPerEpoch = BatchSize * steps }, Test = null },
        Augment = new() { SwapDates = true },
        Model = new() { Name = model },
        Train = new() { BatchSize = BatchSize, Epochs = epochs },
        Checkpoint = new() { EveryEpochs = 1, EveryMinutes = 1000 },
        Evaluate = null,
        Resources = new() { Threads = threads },
    };

    private async Task PackAsync(CancellationToken cancellationToken)
    {
        var manifest = new DatasetManifest
        {
            Name = "check",
            Channels = 3,
            Splits = new Dictionary<string, SplitManifest>
            {
                ["train"] = await WriteAsync("train", 0, BatchSize * StepsPerEpoch, cancellationToken),
                ["val"] = await WriteAsync("val", 1000, ValidationSamples, cancellationToken),
            },
            Statistics = new([110, 110, 100], [50, 50, 50]),
            Provenance = new("generated", "check", "check"),
        };
        var bytes = DatasetManifestFile.Format(manifest);
        await _store.PutAsync(new ObjectKey(DatasetManifest.FileName), (stream, token) => stream.WriteAsync(bytes, token).AsTask(), cancellationToken);
    }

    private Task<SplitManifest> WriteAsync(string split, int first, int count, CancellationToken cancellationToken) =>
        new ShardWriter(_store, split).WriteAsync(Enumerable.Range(first, count).Select(Sample).ToAsyncEnumerable(), cancellationToken);

    private ShardSample Sample(int index)
    {
        var pair = SceneSynthesizer.Generate(Seed, index, side);
        return new ShardSample
        {
            Key = FormattableString.Invariant($"pair_{index:0000}"),
            Fields = new Dictionary<string, ReadOnlyMemory<byte>>
            {
                ["before.png"] = PngEncoder.Encode(pair.Before),
                ["after.png"] = PngEncoder.Encode(pair.After),
                ["mask.png"] = PngEncoder.Encode(pair.Mask),
            },
            Changed = pair.Mask.Bytes.Count((byte)255),
            Pixels = side * side,
        };
    }
}
