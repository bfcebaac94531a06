using ChangeDetection.Configuration;
using ChangeDetection.Images;
using ChangeDetection.Shards;
using ChangeDetection.Storage;
using ChangeDetection.Worker.Data.Cache;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// The data of one run: its training split as drawn, any split as it lies. Memory is bounded by <see cref="LoaderConfig"/> and the size of
/// an image, never by the data set.
/// </summary>
public sealed class DatasetStreams
{
    /// <summary>Pixels of a batch of whole images: sixteen of 256x256. A larger image comes alone.</summary>
    public const int MaxBatchPixels = 1 << 20;

    private readonly ExperimentConfig _config;
    private readonly ShardDataset _dataset;
    private readonly StreamMemory _memory;
    private readonly Dictionary<string, BatchPipeline> _pipelines = new(StringComparer.Ordinal);
    private TrainingStream? _training;

    /// <param name="reads">Splits that will be read, and how many shards of each together.</param>
    private DatasetStreams(
        ExperimentConfig config, ShardDataset dataset, NormalizationStatistics statistics, IEnumerable<(string Split, int Window)> reads, StreamHost host)
    {
        (_config, _dataset) = (config, dataset);
        var source = new ShardSource(dataset, Counters, host);
        if (source.CacheBytes is { } room)
            CacheFit.Check(dataset, reads, room);
        _memory = new StreamMemory(config.Loader, new Normalizer(config.Normalize, statistics));
        foreach (var (name, split) in dataset.Manifest.Splits)
            _pipelines[name] = new BatchPipeline(dataset, split, source, config.Loader, _memory, Counters);
    }

    public DatasetManifest Manifest => _dataset.Manifest;

    /// <summary>Names the data set down to its last bit: SHA-256 of <c>dataset.json</c>.</summary>
    public string ManifestSha256 => _dataset.ManifestSha256;

    /// <exception cref="DatasetMismatchException">There is no such split, or it has no changed pixel.</exception>
    public TrainingStream Training => _training ??= OpenTraining();

    /// <summary>What all streams together have read and waited for.</summary>
    public LoaderCounters Counters { get; } = new();

    /// <summary>Opens the config's data set and checks all that can be known before a pixel is read, for training and what follows it.</summary>
    /// <exception cref="DatasetMissingException">There is no data set.</exception>
    /// <exception cref="ShardCorruptException">Its manifest breaks a rule.</exception>
    /// <exception cref="DatasetMismatchException">Channels or splits are not those of the config.</exception>
    /// <exception cref="CacheTooSmallException">The shards that are read together are more than the shard cache may hold.</exception>
    public static Task<DatasetStreams> OpenAsync(ExperimentConfig config, StreamHost host, CancellationToken cancellationToken)
        => OpenAsync(config, ObjectStores.Open(config.Dataset.Uri), host, cancellationToken);

    /// <summary>The same without a cache.</summary>
    /// <inheritdoc cref="OpenAsync(ExperimentConfig, StreamHost, CancellationToken)"/>
    public static Task<DatasetStreams> OpenAsync(ExperimentConfig config, CancellationToken cancellationToken)
        => OpenAsync(config, StreamHost.Bare, cancellationToken);

    /// <summary>Opens the config's data set to read one split of it, whatever the others are: for an evaluation.</summary>
    /// <inheritdoc cref="OpenAsync(ExperimentConfig, StreamHost, CancellationToken)"/>
    public static Task<DatasetStreams> OpenForSplitAsync(ExperimentConfig config, string split, CancellationToken cancellationToken)
        => OpenForSplitAsync(config, split, statistics: null, StreamHost.Bare, cancellationToken);

    /// <summary>The same, normalised by given statistics.</summary>
    /// <param name="statistics">Those of the data set the network was trained on, when this is another one; null: this one's.</param>
    /// <inheritdoc cref="OpenAsync(ExperimentConfig, StreamHost, CancellationToken)"/>
    public static async Task<DatasetStreams> OpenForSplitAsync(
        ExperimentConfig config, string split, NormalizationStatistics? statistics, StreamHost host, CancellationToken cancellationToken)
    {
        var dataset = await ShardDataset.OpenAsync(ObjectStores.Open(config.Dataset.Uri), cancellationToken);
        DatasetFit.CheckChannels(config, dataset);
        DatasetFit.FindSplit(dataset, split, "split");
        return new DatasetStreams(config, dataset, statistics ?? dataset.Manifest.Statistics, [(split, 1)], host);
    }

    internal static Task<DatasetStreams> OpenAsync(ExperimentConfig config, IObjectStore store, CancellationToken cancellationToken)
        => OpenAsync(config, store, StreamHost.Bare, cancellationToken);

    internal static async Task<DatasetStreams> OpenAsync(ExperimentConfig config, IObjectStore store, StreamHost host, CancellationToken cancellationToken)
    {
        var dataset = await ShardDataset.OpenAsync(store, cancellationToken);
        DatasetFit.CheckChannels(config, dataset);
        DatasetFit.CheckSplits(config, dataset);
        var train = config.Dataset.Train;
        IEnumerable<(string, int)> validation = config.Dataset.Validate is { } validate ? [(validate.Split, 1)] : [];
        return new DatasetStreams(config, dataset, dataset.Manifest.Statistics, validation.Prepend((train.Split, train.ShuffleShards)), host);
    }

    /// <summary>
    /// A split's whole images, each once, in the manifest's order. A batch holds consecutive images of equal size: at most
    /// <paramref name="maxBatch"/>, and no more pixels than <see cref="MaxBatchPixels"/> unless it is one image. Dispose each before asking for the next.
    /// </summary>
    /// <exception cref="DatasetMismatchException">There is no such split.</exception>
    /// <exception cref="ShardCorruptException">Bytes are not those that were packed. No batch that holds the sample was delivered.</exception>
    public IAsyncEnumerable<Batch> ReadSplitAsync(string split, int maxBatch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        var shards = DatasetFit.FindSplit(_dataset, split, "split").Shards;
        var plan = new StreamPlan(
            SampleOrder.InManifestOrder([.. shards.Select(shard => shard.Samples)]),
            (_, shape) => Whole(shape, maxBatch),
            (_, height, width) => Augmentation.None(height, width));
        return _pipelines[split].RunAsync(plan, window: 1, cancellationToken);
    }

    private static BatchShape Whole(ImageShape shape, int maxBatch)
    {
        var fitting = (int)Math.Clamp(MaxBatchPixels / ((long)shape.Height * shape.Width), 1, maxBatch);
        return new BatchShape(shape.Height, shape.Width, shape.Channels, fitting);
    }

    private TrainingStream OpenTraining()
    {
        var split = DatasetFit.FindTrainingSplit(_config, _dataset);
        return new TrainingStream(_config, split, _pipelines[_config.Dataset.Train.Split]);
    }
}
