using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>The state of a training run, apart from the network that it belongs to.</summary>
public sealed record CheckpointContents
{
    public required int Epoch { get; init; }
    public required long Step { get; init; }
    public required int Position { get; init; }
    public required RunningState State { get; init; }
    /// <summary>Parameters and buffers under their reference names.</summary>
    public required IReadOnlyList<TensorData> Weights { get; init; }
    /// <summary>The optimizer's moments, and the network's own weights where the others are an average; empty where only the weights were asked for.</summary>
    public required IReadOnlyList<TensorData> Optimizer { get; init; }
}

/// <summary>Whose checkpoints these are: the same for all that an attempt writes.</summary>
public sealed record CheckpointOwner(
    Guid Run, int Attempt, string ConfigDigest, CheckpointModel Model, CheckpointNormalization Normalization, Numerics Numerics)
{
    /// <summary>SHA-256 of the manifest of the data it is trained on; null where there is none (made-up batches).</summary>
    public string? DatasetSha256 { get; init; }

    /// <summary>The pixels that it is trained on; null where nobody knows.</summary>
    public CheckpointPixels? Pixels { get; init; }

    /// <summary>What the masks mean that it is trained on; null where nobody knows.</summary>
    public CheckpointMask? Mask { get; init; }
}
