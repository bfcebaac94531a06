using ChangeDetection.Worker.Scoring;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>What a network made of a batch. Tensors live as long as the call that hands this over.</summary>
/// <param name="LogProbability">[N, K, H, W].</param>
/// <param name="Predicted">Classes, [N, H, W] of int64.</param>
/// <param name="Truth">Classes, [N, H, W] of int64; 0 at unlabelled pixels.</param>
/// <param name="Images">The matrix of each image, of its labelled pixels.</param>
/// <param name="Labelled">[N, H, W] of bool: which pixels have a label; null where all have.</param>
public sealed record ScoredBatch(
    Tensor LogProbability, Tensor Predicted, Tensor Truth, IReadOnlyList<ConfusionMatrix> Images, Tensor? Labelled = null)
{
    /// <summary>The predicted classes of one image, row by row.</summary>
    public byte[] PredictionOf(int index)
    {
        using var scope = NewDisposeScope();
        return Predicted.select(0, index).to(uint8).cpu().contiguous().bytes.ToArray();
    }
}
