using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Training;

/// <summary>What a trainer sees of a data set: batches in an order that is a function of the config alone.</summary>
public sealed record TrainingData
{
    /// <summary>Batches of an epoch, from a position in its order on.</summary>
    public required Func<int, int, CancellationToken, IAsyncEnumerable<Batch>> ReadEpoch { get; init; }
    public required int SamplesPerEpoch { get; init; }
    public required int StepsPerEpoch { get; init; }
    /// <summary>The validation split; null for none.</summary>
    public required Func<CancellationToken, IAsyncEnumerable<Batch>>? ReadValidation { get; init; }
    /// <summary>What the loader has read and waited for; null where it is not counted.</summary>
    public LoaderCounters? Counters { get; init; }
}
