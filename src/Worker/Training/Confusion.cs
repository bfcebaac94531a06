using ChangeDetection.Datasets.Compatibility;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Scoring;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training;

/// <summary>Counts a network's output against the truth, on whatever device both are.</summary>
public static class Confusion
{
    /// <summary>The likeliest class of each pixel, [N, H, W] of int64; of two classes change only where it is the likelier one.</summary>
    /// <param name="logProbability">[N, K, H, W].</param>
    public static Tensor Predict(Tensor logProbability) => logProbability.shape[1] == 2
        ? (logProbability.select(1, 1) > logProbability.select(1, 0)).to(int64)
        : logProbability.argmax(1);

    /// <param name="predicted">Classes, [N, H, W] of int64.</param>
    /// <param name="truth">Classes, [N, H, W] of int64.</param>
    /// <param name="labelled">[N, H, W] of bool: the pixels that are counted; null for all.</param>
    /// <returns>A matrix for each of the N images; of no pixel for one without a labelled pixel.</returns>
    public static IReadOnlyList<ConfusionMatrix> PerImage(Tensor predicted, Tensor truth, int classes, Tensor? labelled = null)
    {
        using var scope = NewDisposeScope();
        var images = truth.shape[0];
        var cells = classes * classes;
        var image = arange(images, dtype: int64, device: truth.device).view(-1, 1, 1);
        var cell = (image * classes + truth) * classes + predicted;
        // What does not count goes into a cell behind all others.
        if (labelled is not null)
            cell = cell.masked_fill(labelled.logical_not(), images * cells);
        var counts = cell.flatten().bincount(weights: null, minlength: images * cells).cpu().data<long>().ToArray();
        return [.. Enumerable.Range(0, (int)images).Select(i => new ConfusionMatrix(classes, counts[(i * cells)..((i + 1) * cells)]))];
    }

    /// <summary>The classes of a batch's masks, [N, H, W] of int64, once it is sure that the network knows each of them; 0 at unlabelled pixels.</summary>
    /// <param name="mask">Of the batch on the device: <see cref="DeviceBatch.Changed"/>.</param>
    /// <exception cref="DatasetMismatchException">A mask holds a class beyond the network's.</exception>
    public static Tensor Truth(Tensor mask, int classes, Batch batch)
    {
        var truth = mask.to(int64);
        var highest = truth.max().item<long>();
        return highest < classes
            ? truth
            : throw new DatasetMismatchException(
                $"A mask of '{batch.Keys[0]}'{(batch.Count > 1 ? " or the samples after it" : "")} holds class {highest}, but the network tells " +
                    $"{classes} classes apart (0 to {classes - 1}). Evaluate it on masks of its own classes.");
    }
}
