using ChangeDetection.Core.Checkpoints;

namespace ChangeDetection.Weights.Tensors;

/// <summary>What a file of weights holds, whatever its format.</summary>
/// <param name="Tensors">By name.</param>
/// <param name="Notes">What was done to read it, such as a prefix that was taken off the names; for people.</param>
public sealed record WeightsFile(IReadOnlyDictionary<string, TensorData> Tensors, IReadOnlyList<string> Notes)
{
    /// <summary>A larger file is refused before any of it is read: all of it is held in memory at once.</summary>
    public const long MaxBytes = int.MaxValue;

    /// <summary>What the file says of itself; null where it does not.</summary>
    public WeightsMeaning? Meaning { get; init; }
}
