using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples;

namespace ChangeDetection.Worker.Data.Batches;

/// <summary>
/// The training split, drawn, cropped and augmented as the config says. What an epoch delivers is a function of the config, the data set and
/// the epoch alone: neither decoders nor read-ahead, and no restart, changes a bit of it.
/// </summary>
public sealed class TrainingLoader
{
    private readonly ExperimentConfig _config;
    private readonly BatchPipeline _pipeline;
    private readonly EpochSampler _order;
    private readonly int _strataPerSource;

    /// <param name="splits">What is trained on: the sources of the pipeline.</param>
    internal TrainingLoader(ExperimentConfig config, IReadOnlyList<SplitManifest> splits, BatchPipeline pipeline)
    {
        var train = config.Dataset.Train;
        (_config, _pipeline) = (config, pipeline);
        var strata = TrainingSources.Strata(train, splits);
        _strataPerSource = strata.Count / splits.Count;
        _order = new EpochSampler(config.Seed, strata, train.ShuffleShards, train.SamplesPerEpoch);
        ClassFractions = TrainingSources.ClassFractions(config.Dataset, splits);
    }

    /// <summary>Expected share of changed pixels among those drawn, crops being taken anywhere.</summary>
    public double ChangeFraction => ClassFractions.Skip(1).Sum();

    /// <summary>The same for each class, no change first.</summary>
    public IReadOnlyList<double> ClassFractions { get; }

    public int SamplesPerEpoch => _order.SamplesPerEpoch;

    /// <summary>Batches of an epoch; the last one may be short.</summary>
    public int StepsPerEpoch => (SamplesPerEpoch + _config.Train.BatchSize - 1) / _config.Train.BatchSize;

    /// <summary>
    /// The batches of an epoch from a position on. Of one batch size, the last one of what is left, neither dropped nor padded.
    /// At most <c>loader.batches_ahead</c> + 1 batches exist at a time: dispose each before asking for the next.
    /// </summary>
    /// <exception cref="ShardCorruptException">Bytes are not those that were packed. No batch that holds the sample was delivered.</exception>
    /// <exception cref="SampleRejectedException">An image is smaller than the crop, or, without a crop, of another size than the rest.</exception>
    public IAsyncEnumerable<Batch> ReadEpochAsync(int epoch, int fromPosition, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(fromPosition);
        var (crop, size) = (_config.Dataset.Train.Crop, _config.Train.BatchSize);
        var plan = new LoadPlan(
            _order.Read(epoch, fromPosition),
            crop is { } side ? (sample, shape) => Cropped(sample, shape, side, size) : OfOneSize(size),
            new Augmenter(_config.Seed, epoch, _config.Augment, crop, _config.Dataset.Train.CropMinChange));
        return _pipeline.RunAsync(plan, window: _config.Dataset.Train.ShuffleShards * _strataPerSource, cancellationToken);
    }

    private static BatchShape Cropped(LoadedSample sample, ImageShape shape, int side, int capacity)
    {
        if (shape.Width < side || shape.Height < side)
            throw new SampleRejectedException(sample.Shard, sample.Key, $"is {shape.Width}x{shape.Height}, smaller than the crop of {side}x{side}",
                $"Set dataset.train.crop to {Math.Min(shape.Width, shape.Height)} or less, or pack larger tiles.");
        return new BatchShape(side, side, shape.Channels, capacity);
    }

    private static Func<LoadedSample, ImageShape, BatchShape> OfOneSize(int capacity)
    {
        (string Key, ImageShape Shape)? first = null;
        return (sample, shape) =>
        {
            first ??= (sample.Key, shape);
            var (key, expected) = first.Value;
            if ((shape.Width, shape.Height) != (expected.Width, expected.Height))
                throw new SampleRejectedException(sample.Shard, sample.Key,
                    $"is {shape.Width}x{shape.Height}, but '{key}' is {expected.Width}x{expected.Height}, and whole images must be of one size to train on",
                    "Set dataset.train.crop, or pack tiles of one size.");
            return new BatchShape(shape.Height, shape.Width, shape.Channels, capacity);
        };
    }
}
