using ChangeDetection.Core.Configuration;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Training.Losses;

/// <summary>
/// One minus the Tversky index of the change class, 1 − (TP + 1) / (TP + α FP + β FN + 1), of probabilities summed over the batch
/// (Salehi, Erdogmus, Gholipour: Tversky loss function for image segmentation using 3D fully convolutional deep networks, 2017).
/// With α = β = 1/2 it is the Dice loss (Milletari, Navab, Ahmadi: V-Net, 3DV 2016). The 1 keeps a batch without change from dividing by nothing.
/// Of more than two classes it is the mean over all but the first, which is no change.
/// </summary>
/// <param name="falsePositives">α: above β, precision counts more.</param>
/// <param name="falseNegatives">β: above α, recall counts more.</param>
public sealed class Tversky(double falsePositives, double falseNegatives) : LossTerm
{
    private const double Smooth = 1;
    private const int SumsPerClass = 3;

    [Implements(LossNames.Tversky)]
    public static LossFactory Factory => (config, _) => new Tversky(config.Alpha, config.Beta);

    [Implements(LossNames.Dice)]
    public static LossFactory Dice => (_, _) => new Tversky(0.5, 0.5);

    protected override Tensor SumsOf(Tensor logProbability, Tensor labels, Tensor? labelled, ScalarType precision)
    {
        var sums = new List<Tensor>();
        var indicators = Indicators(labels, (int)logProbability.shape[1]);
        for (var label = 1; label < indicators.Length; label++)
        {
            var (probability, truth) = (logProbability.select(1, label).exp(), indicators[label].squeeze(1));
            if (labelled is not null)
                probability = probability.masked_fill(labelled.logical_not(), 0);
            sums.AddRange([(probability * truth).sum(precision), probability.sum(precision), truth.sum(precision)]);
        }
        return stack(sums);
    }

    public override Tensor Of(Tensor sums)
    {
        var classes = (int)sums.shape[0] / SumsPerClass;
        var total = Enumerable.Range(0, classes).Select(label => OfClass(sums, label * SumsPerClass)).Aggregate((one, other) => one + other);
        return classes == 1 ? total : total / classes;
    }

    private Tensor OfClass(Tensor sums, int at)
    {
        var (both, predicted, truth) = (sums[at], sums[at + 1], sums[at + 2]);
        return 1 - (both + Smooth) / (both + falsePositives * (predicted - both) + falseNegatives * (truth - both) + Smooth);
    }
}
