using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// One minus the Tversky index of the change class, 1 − (TP + 1) / (TP + α FP + β FN + 1), of probabilities summed over the batch
/// (Salehi, Erdogmus, Gholipour: Tversky loss function for image segmentation using 3D fully convolutional deep networks, 2017).
/// With α = β = 1/2 it is the Dice loss (Milletari, Navab, Ahmadi: V-Net, 3DV 2016). The 1 keeps a batch without change from dividing by nothing.
/// </summary>
/// <param name="falsePositives">α: above β, precision counts more.</param>
/// <param name="falseNegatives">β: above α, recall counts more.</param>
public sealed class Tversky(double falsePositives, double falseNegatives) : LossTerm
{
    private const double Smooth = 1;

    public override Tensor Sums(Tensor logProbability, Tensor changed, ScalarType precision)
    {
        var probability = logProbability.select(1, 1).exp();
        return stack([(probability * changed).sum(precision), probability.sum(precision), changed.sum(precision)]);
    }

    public override Tensor Of(Tensor sums)
    {
        var (both, predicted, changed) = (sums[0], sums[1], sums[2]);
        return 1 - (both + Smooth) / (both + falsePositives * (predicted - both) + falseNegatives * (changed - both) + Smooth);
    }
}
