using ChangeDetection.Configuration;
using ChangeDetection.Images;
using ChangeDetection.Shards;

namespace ChangeDetection.Worker.Data;

/// <summary>
/// The training split, drawn, cropped and augmented as the config says. What an epoch delivers is a function of the config, the data set and
/// the epoch alone: neither decoders nor read-ahead, and no restart, changes a bit of it.
/// </summary>
public sealed class TrainingStream
{
    private readonly ExperimentConfig _config;
    private readonly BatchPipeline _pipeline;
    private readonly SampleOrder _order;

    internal TrainingStream(ExperimentConfig config, SplitManifest split, BatchPipeline pipeline)
    {
        var train = config.Dataset.Train;
        _config = config;
        _pipeline = pipeline;
        _order = new SampleOrder(config.Seed, [.. split.Shards.Select(shard => shard.Samples)], train.ShuffleShards, train.SamplesPerEpoch);
    }

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
        var crop = _config.Dataset.Train.Crop;
        var plan = new StreamPlan(
            _order.Read(epoch, fromPosition),
            crop is { } side ? (sample, shape) => Cropped(sample, shape, side) : OfOneSize(),
            (position, height, width) => Augmentation.Draw(_config.Seed, epoch, position, _config.Augment, crop, height, width));
        return _pipeline.RunAsync(plan, window: _config.Dataset.Train.ShuffleShards, cancellationToken);
    }

    private BatchShape Cropped(SampleBytes sample, ImageShape shape, int side)
    {
        if (shape.Width < side || shape.Height < side)
            throw new SampleRejectedException(sample.Shard, sample.Key, $"is {shape.Width}x{shape.Height}, smaller than the crop of {side}x{side}",
                $"Set dataset.train.crop to {Math.Min(shape.Width, shape.Height)} or less, or pack larger tiles.");
        return new BatchShape(side, side, shape.Channels, _config.Train.BatchSize);
    }

    private Func<SampleBytes, ImageShape, BatchShape> OfOneSize()
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
            return new BatchShape(shape.Height, shape.Width, shape.Channels, _config.Train.BatchSize);
        };
    }
}
