using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;
using ChangeDetection.Worker.Data.Samples.Decoded;
using ChangeDetection.Worker.Data.Shards;
using ChangeDetection.Worker.Data.Shards.Cache;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>
/// The data of one run: its training split as drawn, any split as it lies. Memory is bounded by <see cref="LoaderConfig"/> and the size of
/// an image, never by the data set.
/// </summary>
public sealed class RunDataLoader : IDisposable
{
    /// <summary>Pixels of a batch of whole images: sixteen of 256x256. A larger image comes alone.</summary>
    public const int MaxBatchPixels = 1 << 20;

    private readonly ExperimentConfig _config;
    private readonly IReadOnlyList<ShardDataset> _datasets;
    private readonly Dictionary<string, BatchPipeline> _pipelines = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<SplitManifest> _trainedOn = [];
    private readonly DecodedCache? _decoded;
    private readonly PixelRescaling? _rescaling;
    private TrainingLoader? _training;

    /// <param name="mixed">Data sets that are trained on beside the first one.</param>
    /// <param name="read">Splits of the first one that will be read, and how many shards of each together.</param>
    /// <param name="epochs">How often the training split is read; null: what is read is read once, and nothing is kept decoded.</param>
    /// <param name="rescaling">What pixels become before they are normalised; null: they are as they are.</param>
    private RunDataLoader(
        ExperimentConfig config, ShardDataset dataset, NormalizationStatistics statistics, IReadOnlyList<(ShardDataset Dataset, SplitManifest Split)> mixed,
        IEnumerable<(string Split, int Window)> read, int? epochs, LoaderEnvironment host,
        PixelRescaling? rescaling = null)
    {
        (_config, _datasets, _rescaling) = (config, [dataset, .. mixed.Select(other => other.Dataset)], rescaling);
        _decoded = epochs is { } times
            ? DecodedCacheFactory.Open(config.Loader, times, host.ScratchFolder, Counters, text => host.Event("decoded-cache", text)) : null;
        var shards = _datasets.Select(one => new ShardSource(one, Counters, host)).ToList();
        if (shards[0].CacheBytes is { } room)
            CacheCapacityCheck.Check(dataset, read, room);
        var memory = new LoaderBuffers(config.Loader);
        Roles = SplitRoles.Of(config.Dataset, dataset.Manifest);
        foreach (var (name, split) in dataset.Manifest.Splits)
        {
            SplitSource[] sources = [Source(shards[0], split, statistics, first: name == Roles.Train)];
            if (name == Roles.Train)
                sources = [
                    .. sources,
                    .. mixed.Select((other, index) => Source(shards[index + 1], other.Split, other.Dataset.Manifest.Statistics, first: true))];
            // A split that is mixed with others is also read by itself, whole and in order: its samples are the first source's.
            _pipelines[name] = new BatchPipeline(sources, config.Loader, memory, Counters);
            if (name == Roles.Train)
                _trainedOn = [.. sources.Select(source => source.Split)];
        }
        List<SplitManifest> splits = [.. read.Select(one => dataset.Manifest.Splits[one.Split]), .. mixed.Select(other => other.Split)];
        Counters.Setup = new LoaderSetup(
            DatasetPlaces.Of(dataset.Store.Root), shards[
                0].CacheBytes, splits.Sum(split => split.Shards.Sum(shard => shard.Bytes)), splits.Sum(split => (long)split.Samples),
            epochs is null ? null : _decoded is not null, config.Loader.Decoders, config.Resources.Threads, Environment.ProcessorCount);
    }

    /// <summary>Of the (first) data set; where the config names a fold, with the other folds joined to one split more.</summary>
    public DatasetManifest Manifest => _datasets[0].Manifest;

    /// <summary>Which of its splits play which part.</summary>
    public SplitRoles Roles { get; }

    /// <summary>Names what is trained on down to its last bit: SHA-256 of <c>dataset.json</c>, or over those of all data sets that are mixed.</summary>
    public string ManifestSha256 => TrainingSources.Sha256Of(_datasets);

    /// <summary>Type and ranges of the pixels that are normalised; null where the data sets do not say, or are of several types.</summary>
    public CheckpointPixels? Pixels => PixelCompatibility.Of(_datasets) is { } read ? _rescaling?.Map(read) ?? read : null;

    /// <summary>What messages call the (first) data set.</summary>
    public string Subject => _datasets[0].Subject;

    /// <exception cref="DatasetMismatchException">There is no such split, or it has no changed pixel.</exception>
    public TrainingLoader Training => _training ??= OpenTraining();

    /// <summary>What all streams together have read and waited for.</summary>
    public LoaderCounters Counters { get; } = new();

    /// <summary>Opens the config's data set and checks all that can be known before a pixel is read, for training and what follows it.</summary>
    /// <exception cref="DatasetMissingException">There is no data set.</exception>
    /// <exception cref="DatasetChangedException">There is another one than the run was submitted with.</exception>
    /// <exception cref="DatasetUnseenException">There was one, and this machine cannot read it.</exception>
    /// <exception cref="ShardCorruptException">Its manifest breaks a rule.</exception>
    /// <exception cref="DatasetMismatchException">Channels or splits are not those of the config.</exception>
    /// <exception cref="CacheTooSmallException">The shards that are read together are more than the shard cache may hold.</exception>
    public static Task<RunDataLoader> OpenAsync(ExperimentConfig config, LoaderEnvironment host, CancellationToken cancellationToken)
        => OpenAsync(config, ObjectStores.Open(config.Dataset.Uri), host, cancellationToken);

    /// <summary>The same without a cache.</summary>
    /// <inheritdoc cref="OpenAsync(ExperimentConfig, LoaderEnvironment, CancellationToken)"/>
    public static Task<RunDataLoader> OpenAsync(ExperimentConfig config, CancellationToken cancellationToken)
        => OpenAsync(config, LoaderEnvironment.Bare, cancellationToken);

    /// <summary>Opens the config's data set to read one split of it, whatever the others are: for an evaluation.</summary>
    /// <inheritdoc cref="OpenAsync(ExperimentConfig, LoaderEnvironment, CancellationToken)"/>
    public static Task<RunDataLoader> OpenForSplitAsync(ExperimentConfig config, string split, CancellationToken cancellationToken)
        => OpenForSplitAsync(config, split, trained: null, LoaderEnvironment.Bare, cancellationToken);

    /// <summary>The same, as the network of a checkpoint is to see it: by the statistics of its training, and mapped as <c>evaluate.rescale</c> says.</summary>
    /// <param name="split">Null: the one that the config's evaluation is of.</param>
    /// <param name="trained">The checkpoint; null: by the data set's own statistics, and as it is.</param>
    /// <exception cref="DatasetMismatchException">Its pixels are of another type than those of the training, and nothing maps them.</exception>
    /// <inheritdoc cref="OpenAsync(ExperimentConfig, LoaderEnvironment, CancellationToken)"/>
    public static async Task<RunDataLoader> OpenForSplitAsync(
        ExperimentConfig config, string? split, CheckpointManifest? trained, LoaderEnvironment host, CancellationToken cancellationToken)
    {
        var dataset = await OpenSetAsync(config, ObjectStores.Open(config.Dataset.Uri), host, cancellationToken);
        split ??= SplitRoles.Of(config.Dataset, dataset.Manifest).Test
            ?? throw new DatasetMismatchException("dataset.test is none, so there is no split to evaluate. Name one.");
        DatasetCompatibility.FindSplit(dataset, split, "split");
        var rescale = config.Evaluate?.Rescale;
        if (trained is not null)
            PixelCompatibility.Check(trained, PixelCompatibility.Of(dataset), dataset.Subject, rescale);
        // The weights were trained on pixels normalised by their own data set's statistics, whatever is read now.
        var statistics = trained?.Normalization is { Mean: { } mean, Deviation: { } deviation }
            ? new NormalizationStatistics(mean, deviation) : dataset.Manifest.Statistics;
        if (trained is not null)
            config = config with { Normalize = NormalizationCompatibility.Of(trained) };
        var rescaling = trained is null ? null : PixelRescaling.Of(trained, rescale);
        if (rescaling is null)
            NormalizationCompatibility.Check(config.Normalize, dataset);
        return new RunDataLoader(config, dataset, statistics, [], [(split, 1)], epochs: null, host, rescaling);
    }

    internal static Task<RunDataLoader> OpenAsync(ExperimentConfig config, IObjectStore store, CancellationToken cancellationToken)
        => OpenAsync(config, store, LoaderEnvironment.Bare, cancellationToken);

    internal static async Task<RunDataLoader> OpenAsync(
        ExperimentConfig config, IObjectStore store, LoaderEnvironment host, CancellationToken cancellationToken)
    {
        var dataset = await OpenSetAsync(config, store, host, cancellationToken);
        DatasetCompatibility.CheckSplits(config, dataset);
        NormalizationCompatibility.Check(config.Normalize, dataset);
        var roles = SplitRoles.Of(config.Dataset, dataset.Manifest);
        IEnumerable<(string, int)> validation = roles.Validate is { } validate ? [(validate, 1)] : [];
        var mixed = await TrainingSources.OpenMixAsync(config, dataset, host.Datasets, cancellationToken);
        return new RunDataLoader(
            config, dataset, dataset.Manifest.Statistics, mixed, validation.Prepend((roles.Train, config.Dataset.Train.ShuffleShards)), config.Train.Epochs,
            host);
    }

    private static async Task<ShardDataset> OpenSetAsync(
        ExperimentConfig config, IObjectStore store, LoaderEnvironment host, CancellationToken cancellationToken)
    {
        var dataset = DatasetCompatibility.WithFields(config, await host.Datasets.OpenAsync(config.Dataset.Uri, store, cancellationToken));
        DatasetCompatibility.CheckChannels(config, dataset);
        DatasetCompatibility.CheckClasses(config, dataset);
        return DatasetFolds.Join(config, dataset);
    }

    /// <summary>
    /// A split's whole images, each once, in the manifest's order, to be scored: a pixel that several tiles of an image have is a label in the first of
    /// them alone. A batch holds consecutive images of equal size: at most <paramref name="maxBatch"/>, and no more pixels than
    /// <see cref="MaxBatchPixels"/> unless it is one image. Dispose each before asking for the next.
    /// </summary>
    /// <exception cref="DatasetMismatchException">There is no such split.</exception>
    /// <exception cref="ShardCorruptException">Bytes are not those that were packed. No batch that holds the sample was delivered.</exception>
    public IAsyncEnumerable<Batch> ReadSplitAsync(string split, int maxBatch, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        var shards = DatasetCompatibility.FindSplit(_datasets[0], split, "split").Shards;
        var plan = new LoadPlan(
            ShuffledSampler.InManifestOrder([.. shards.Select(shard => shard.Samples)]),
            (_, shape) => Whole(shape, maxBatch),
            Augmenter.None,
            EachPixelOnce: true);
        return _pipelines[split].RunAsync(plan, window: 1, cancellationToken);
    }

    /// <summary>
    /// Each class's share of a split's pixels, no change first: what a loss is weighted by when it is to be the training's. A data set without that split, or
    /// with one of its kind alone, gives no weights, so all classes count alike.
    /// </summary>
    public IReadOnlyList<double> ClassFractionsOf(string split)
    {
        var dataset = _config.Dataset with { Train = _config.Dataset.Train with { Balance = null, Mix = [] } };
        return Manifest.Splits.GetValueOrDefault(split) is { } found
            && TrainingSources.ClassFractions(dataset, [found]) is var fractions && fractions[0] is > 0 and < 1
            ? fractions
            : [.. Enumerable.Repeat(1.0 / _config.Model.Classes, _config.Model.Classes)];
    }

    /// <summary>Gives the decoded cache's room back. All reading has ended before.</summary>
    public void Dispose() => _decoded?.Dispose();

    private static BatchShape Whole(ImageShape shape, int maxBatch)
    {
        var fitting = (int)Math.Clamp(MaxBatchPixels / ((long)shape.Height * shape.Width), 1, maxBatch);
        return new BatchShape(shape.Height, shape.Width, shape.Channels, fitting);
    }

    private TrainingLoader OpenTraining()
    {
        DatasetCompatibility.FindTrainingSplit(_config, _datasets[0]);
        return new TrainingLoader(_config, _trainedOn, _pipelines[Roles.Train]);
    }

    private SplitSource Source(ShardSource shards, SplitManifest split, NormalizationStatistics statistics, bool first) => new(
        shards, split, new Normalizer(_config.Normalize, statistics), LabelTable.Of(shards.Dataset.Manifest, _config.Dataset.Mask.Change),
        _decoded?.Add([.. split.Shards.Select(shard => shard.Samples)], first), _rescaling);
}
