using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Scoring;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// All that is counted of a split's labelled pixels: its confusion matrix and loss, the histogram of probabilities, the counts of each image. Whole numbers
/// of bounded size but for the loss; 32 bytes an image.
/// </summary>
public sealed class SplitTally(SplitScore score)
{
    public SplitScore Score { get; } = score;
    public ProbabilityHistogram Histogram { get; } = new();
    public ImageScores Images { get; } = new();

    /// <param name="seen">Gets what the network made of the batch.</param>
    public void Add(Batch batch, Action<ScoredBatch>? seen = null) => Score.Add(batch, scored =>
    {
        ChangeProbabilities.AddTo(Histogram, scored);
        foreach (var image in scored.Images)
            Images.Add(image.Change);
        seen?.Invoke(scored);
    });
}
